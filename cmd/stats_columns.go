package cmd

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/pbscope/pbscope/inspect"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/stats"
)

// statsTotals is what the numbers of a row are compared with.
type statsTotals struct {
	bytes int64
	at    time.Time // of the report, where there are several
}

// column is a key of JSON, and a column of CSV under that name. Its value is
// JSON text, "" where a row has none.
type column[Row any] struct {
	key   string
	value func(r Row, t *statsTotals) string
}

// keyColumns are what a row's messages have in common.
func keyColumns() []column[*stats.Key] {
	return []column[*stats.Key]{
		{"source", func(k *stats.Key, _ *statsTotals) string { return jsonText(k.Source) }},
		{"topic", func(k *stats.Key, _ *statsTotals) string { return jsonText(k.Topic) }},
		{"partition", func(k *stats.Key, _ *statsTotals) string { return jsonInt(int64(k.Partition), k.HasPartition) }},
		{"connection", func(k *stats.Key, _ *statsTotals) string { return jsonInt(k.Connection, k.Connection > 0) }},
		{"client", func(k *stats.Key, _ *statsTotals) string { return jsonText(k.Client) }},
		{"server", func(k *stats.Key, _ *statsTotals) string { return jsonText(k.Server) }},
		{"direction", func(k *stats.Key, _ *statsTotals) string { return jsonText(k.Direction) }},
		{"kind", func(k *stats.Key, _ *statsTotals) string { return jsonText(k.Kind) }},
		{"id", func(k *stats.Key, _ *statsTotals) string { return jsonInt(int64(k.ID), k.HasID) }},
		{"name", func(k *stats.Key, _ *statsTotals) string { return jsonText(k.Name) }},
		{"type", func(k *stats.Key, _ *statsTotals) string { return jsonText(k.Type) }},
		{"encoding", func(k *stats.Key, _ *statsTotals) string { return jsonText(k.Encoding) }},
	}
}

// rowColumns are those of a row. New ones go to the end.
func rowColumns() []column[*stats.Row] {
	var columns []column[*stats.Row]
	for _, c := range keyColumns() {
		columns = append(columns, column[*stats.Row]{c.key, func(r *stats.Row, t *statsTotals) string { return c.value(&r.Key, t) }})
	}
	number := func(key string, value func(r *stats.Row) (int64, bool)) {
		columns = append(columns, column[*stats.Row]{key, func(r *stats.Row, _ *statsTotals) string { return jsonInt(value(r)) }})
	}
	of := func(h func(*stats.Row) *stats.Histogram, suffix string) {
		for _, q := range []struct {
			key string
			of  float64
		}{{"min", 0}, {"p50", 0.5}, {"p99", 0.99}, {"max", 1}} {
			number(q.key+suffix, func(r *stats.Row) (int64, bool) { return h(r).Quantile(q.of), h(r).Count() > 0 })
		}
		columns = append(columns, column[*stats.Row]{"mean" + suffix, func(r *stats.Row, _ *statsTotals) string {
			return jsonFloat(h(r).Mean(), 1, h(r).Count() > 0)
		}})
	}
	columns = append(columns,
		column[*stats.Row]{"error", func(r *stats.Row, _ *statsTotals) string { return jsonText(string(r.Error)) }},
		column[*stats.Row]{"other", func(r *stats.Row, _ *statsTotals) string {
			if r.Other {
				return "true"
			}
			return ""
		}})
	number("count", func(r *stats.Row) (int64, bool) { return r.Count, true })
	number("bytes", func(r *stats.Row) (int64, bool) { return r.Bytes, true })
	columns = append(columns, column[*stats.Row]{"share", func(r *stats.Row, t *statsTotals) string {
		return jsonFloat(share(r.Bytes, t.bytes), 6, true)
	}})
	of(func(r *stats.Row) *stats.Histogram { return &r.Sizes }, "Bytes")
	number("wireBytes", func(r *stats.Row) (int64, bool) { return r.WireBytes, true })
	number("lostBytes", func(r *stats.Row) (int64, bool) { return r.LostBytes, r.LostBytes > 0 })
	number("keyBytes", func(r *stats.Row) (int64, bool) { return r.KeyBytes, r.HasKeys })
	number("measured", func(r *stats.Row) (int64, bool) { return r.Times.Count(), r.Times.Count() > 0 })
	of(func(r *stats.Row) *stats.Histogram { return &r.Times }, "Nanoseconds")
	number("requests", func(r *stats.Row) (int64, bool) { return r.Answers.Requests, r.Answers.Requests > 0 })
	number("answered", func(r *stats.Row) (int64, bool) { return r.Answers.Times.Count(), r.Answers.Requests > 0 })
	number("answeredByError", func(r *stats.Row) (int64, bool) { return r.Answers.Errors, r.Answers.Requests > 0 })
	number("unanswered", func(r *stats.Row) (int64, bool) {
		return r.Answers.Requests - r.Answers.Times.Count(), r.Answers.Requests > 0
	})
	number("withoutId", func(r *stats.Row) (int64, bool) { return r.Answers.Unknown, r.Answers.Unknown > 0 })
	columns = append(columns, column[*stats.Row]{"pairedBy", func(r *stats.Row, _ *statsTotals) string { return jsonText(pairedBy(r)) }})
	of(func(r *stats.Row) *stats.Histogram { return &r.Answers.Times }, "AnswerNanoseconds")
	return append(columns,
		column[*stats.Row]{"first", func(r *stats.Row, _ *statsTotals) string { return jsonTime(r.First, r.TimeDigits) }},
		column[*stats.Row]{"last", func(r *stats.Row, _ *statsTotals) string { return jsonTime(r.Last, r.TimeDigits) }},
		column[*stats.Row]{"relativeError", func(r *stats.Row, _ *statsTotals) string {
			return jsonFloat(stats.Error, 7, !r.Sizes.Exact() || !r.Times.Exact() || !r.Answers.Times.Exact())
		}},
		column[*stats.Row]{"typeCandidates", func(r *stats.Row, _ *statsTotals) string { return jsonTexts(r.Candidates) }},
		column[*stats.Row]{"at", func(_ *stats.Row, t *statsTotals) string { return jsonTime(t.at, millis(t.at)) }})
}

// comparisonColumns are those of a message in two encodings.
func comparisonColumns() []column[*stats.Comparison] {
	var columns []column[*stats.Comparison]
	for _, c := range keyColumns() {
		if c.key != "encoding" && c.key != "type" {
			columns = append(columns, column[*stats.Comparison]{c.key, func(r *stats.Comparison, t *statsTotals) string { return c.value(&r.Key, t) }})
		}
	}
	text := func(c *stats.Comparison) *stats.Row { return &c.Text }
	protobuf := func(c *stats.Comparison) *stats.Row { return &c.Protobuf }
	both := func(key string, value func(r *stats.Row) (int64, bool)) {
		title := strings.ToUpper(key[:1]) + key[1:]
		columns = append(columns,
			column[*stats.Comparison]{"text" + title, func(c *stats.Comparison, _ *statsTotals) string { return jsonInt(value(text(c))) }},
			column[*stats.Comparison]{"protobuf" + title, func(c *stats.Comparison, _ *statsTotals) string { return jsonInt(value(protobuf(c))) }})
	}
	both("count", func(r *stats.Row) (int64, bool) { return r.Count, true })
	both("bytes", func(r *stats.Row) (int64, bool) { return r.Bytes, true })
	both("p50Bytes", func(r *stats.Row) (int64, bool) { return r.Sizes.Quantile(0.5), true })
	both("wireBytes", func(r *stats.Row) (int64, bool) { return r.WireBytes, true })
	columns = append(columns,
		column[*stats.Comparison]{"ratio", func(c *stats.Comparison, _ *statsTotals) string {
			payload, _ := c.Ratio()
			return jsonFloat(payload, 4, payload > 0)
		}},
		column[*stats.Comparison]{"wireRatio", func(c *stats.Comparison, _ *statsTotals) string {
			_, wire := c.Ratio()
			return jsonFloat(wire, 4, wire > 0)
		}})
	both("p50Nanoseconds", func(r *stats.Row) (int64, bool) { return r.Times.Quantile(0.5), r.Times.Count() > 0 })
	both("answered", func(r *stats.Row) (int64, bool) { return r.Answers.Times.Count(), r.Answers.Requests > 0 })
	both("p50AnswerNanoseconds", func(r *stats.Row) (int64, bool) {
		return r.Answers.Times.Quantile(0.5), r.Answers.Times.Count() > 0
	})
	return append(columns, column[*stats.Comparison]{"at", func(_ *stats.Comparison, t *statsTotals) string { return jsonTime(t.at, millis(t.at)) }})
}

// pairedBy is how a request's answers were found.
func pairedBy(r *stats.Row) string {
	switch {
	case r.Answers.Requests == 0:
		return ""
	case r.Answers.WithID == r.Answers.Requests:
		return "id"
	case r.Answers.WithID == 0:
		return "order"
	}
	return "both"
}

func share(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

func jsonText(s string) string {
	if s == "" {
		return ""
	}
	return string(span.AppendQuoted(nil, s))
}

func jsonTexts(all []string) string {
	if len(all) == 0 {
		return ""
	}
	text := make([]byte, 0, 64)
	for _, s := range all {
		text = span.AppendQuoted(append(text, ','), s)
	}
	text[0] = '['
	return string(append(text, ']'))
}

func jsonInt(n int64, there bool) string {
	if !there {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// jsonFloat is a number with as many digits after the point at most.
func jsonFloat(f float64, digits int, there bool) string {
	if !there || math.IsNaN(f) || math.IsInf(f, 0) {
		return ""
	}
	scale := math.Pow10(digits)
	if r := math.Round(f*scale) / scale; !math.IsInf(r, 0) {
		f = r
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

func jsonTime(t time.Time, digits int) string {
	if digits == 0 {
		return ""
	}
	return string(append(inspect.AppendTime([]byte{'"'}, t, digits), '"'))
}

// millis is the digits that a report's time is printed with.
func millis(t time.Time) int {
	if t.IsZero() {
		return 0
	}
	return 3
}

// appendRowsJSON appends an object a line.
func appendRowsJSON[Row any](dst []byte, columns []column[Row], rows []Row, t *statsTotals) []byte {
	for _, r := range rows {
		dst = append(dst, '{')
		for _, c := range columns {
			if v := c.value(r, t); v != "" {
				dst = append(inspect.AppendMember(dst, c.key), v...)
			}
		}
		dst = append(dst, '}', '\n')
	}
	return dst
}

// appendRowsCSV appends lines as RFC 4180 has them; the first one names the
// columns, if head says so.
func appendRowsCSV[Row any](dst []byte, columns []column[Row], rows []Row, t *statsTotals, head bool) []byte {
	line := func(cell func(c *column[Row]) string) {
		for i := range columns {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendCSV(dst, cell(&columns[i]))
		}
		dst = append(dst, '\r', '\n')
	}
	if head {
		line(func(c *column[Row]) string { return c.key })
	}
	for _, r := range rows {
		line(func(c *column[Row]) string { return plainValue(c.value(r, t)) })
	}
	return dst
}

// plainValue is a JSON string's text, or another value as it is.
func plainValue(v string) string {
	if !strings.HasPrefix(v, `"`) {
		return v
	}
	return unquoted(v)
}

// appendCSV appends a cell, in quotes where it needs them.
func appendCSV(dst []byte, cell string) []byte {
	if !strings.ContainsAny(cell, ",\"\r\n") {
		return append(dst, cell...)
	}
	return append(append(append(dst, '"'), strings.ReplaceAll(cell, `"`, `""`)...), '"')
}

// unquoted is the text of a JSON string that was written here.
func unquoted(v string) string {
	var s string
	if json.Unmarshal([]byte(v), &s) != nil {
		return v
	}
	return s
}
