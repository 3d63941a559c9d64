package cmd

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/pbscope/pbscope/inspect/stats"
)

// statsOrder is an order of rows.
type statsOrder struct {
	name  string
	value func(r *stats.Row) int64 // the greatest comes first
}

func statsOrders() []statsOrder {
	return []statsOrder{
		{"bytes", func(r *stats.Row) int64 { return r.Bytes }},
		{"wire", func(r *stats.Row) int64 { return r.WireBytes }},
		{"count", func(r *stats.Row) int64 { return r.Count }},
		{"size", func(r *stats.Row) int64 { return r.Sizes.Quantile(0.5) }},
		{"max", func(r *stats.Row) int64 { return r.Sizes.Max() }},
		{"time", func(r *stats.Row) int64 { return r.Times.Quantile(0.5) }},
		{"answer", func(r *stats.Row) int64 { return r.Answers.Times.Quantile(0.5) }},
		{"name", nil},
		{"none", nil},
	}
}

func sortNames() []string {
	var names []string
	for _, o := range statsOrders() {
		names = append(names, o.name)
	}
	return names
}

// sorted is the rows in the order of --sort, those of failed records and of
// other kinds behind the others; beyond --limit they are in one row for each
// error and each encoding.
func (o *statsOptions) sorted(rows []*stats.Row) []*stats.Row {
	rows = slices.Clone(rows)
	var value func(r *stats.Row) int64
	for _, s := range statsOrders() {
		if s.name == o.sort {
			value = s.value
		}
	}
	slices.SortStableFunc(rows, func(a, b *stats.Row) int {
		switch {
		case rank(a) != rank(b):
			return cmp.Compare(rank(a), rank(b))
		case value != nil:
			return cmp.Compare(value(b), value(a))
		case o.sort == "name":
			return strings.Compare(rowName(a), rowName(b))
		}
		return 0
	})
	if o.rows > 0 && int64(len(rows)) > o.rows {
		rows = stats.Fold(rows, int(o.rows))
	}
	return rows
}

// rank is 0 for messages, more for what stands below them.
func rank(r *stats.Row) int {
	switch {
	case r.Error != "":
		return 2
	case r.Other:
		return 1
	}
	return 0
}

// print writes the report; last is false for those of --every.
func (j *statsJob) print(last bool) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.printLocked(last)
}

func (j *statsJob) printLocked(last bool) error {
	if j.failed != nil {
		return j.failed
	}
	rows := j.o.sorted(j.table.Rows())
	totals := new(statsTotals)
	for _, r := range rows {
		totals.bytes += r.Bytes
	}
	if j.o.every > 0 {
		totals.at = time.Now()
	}
	var text []byte
	switch comparisons := stats.Compare(rows); {
	case j.o.format == "table":
		text = j.tableText(rows, comparisons, totals)
	case j.o.format == "json" && j.o.compare:
		text = appendRowsJSON(nil, comparisonColumns(), comparisons, totals)
	case j.o.format == "json":
		text = appendRowsJSON(nil, rowColumns(), rows, totals)
	case j.o.compare:
		text = appendRowsCSV(nil, comparisonColumns(), comparisons, totals, j.printed == 0)
	default:
		text = appendRowsCSV(nil, rowColumns(), rows, totals, j.printed == 0)
	}
	j.printed++
	return j.sink.write(text)
}

// tableText is the report for people, with what stands between two of them.
func (j *statsJob) tableText(rows []*stats.Row, comparisons []*stats.Comparison, totals *statsTotals) []byte {
	terminal := j.o.output == "" && isTerminal(j.stdout)
	t := statsTable{
		o: j.o, totals: totals, input: j.input.Load(), folded: j.table.Folded,
		color: j.o.output == "" && j.color(j.o.color, j.stdout),
		human: j.o.units == "human" || j.o.units == "auto" && terminal,
	}
	t.text(rows, comparisons)
	switch {
	case terminal && j.o.every > 0:
		// One report takes the place of the other.
		return append([]byte("\x1b[H\x1b[2J"), t.dst...)
	case j.printed > 0:
		return append([]byte{'\n'}, t.dst...)
	}
	return t.dst
}
