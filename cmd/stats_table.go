package cmd

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pbscope/pbscope/inspect/stats"
)

// statsTable writes a report for people.
type statsTable struct {
	o      *statsOptions
	totals *statsTotals
	input  int64 // bytes read
	folded int64 // records in rows of other kinds
	color  bool
	human  bool // units that are easy to read
	rough  bool // a median was not exact
	dst    []byte
}

// text writes the rows, the times to answers, the comparison and the totals.
func (t *statsTable) text(rows []*stats.Row, comparisons []*stats.Comparison) {
	if len(rows) > 0 {
		t.messages(rows)
	}
	t.answers(rows)
	t.comparison(comparisons)
	t.foot(rows)
}

// cells is a column of a table; an empty one is left out.
type cells struct {
	title string
	left  bool // text, and not numbers
	cell  func(i int) string
}

// table writes n rows; marked ones in colour.
func (t *statsTable) table(columns []cells, n int, marked func(i int) bool) {
	type shown struct {
		cells
		texts []string
		width int
	}
	var all []shown
	for _, c := range columns {
		s := shown{cells: c, width: utf8.RuneCountInString(c.title)}
		filled := false
		for i := range n {
			text := c.cell(i)
			s.texts = append(s.texts, text)
			s.width = max(s.width, utf8.RuneCountInString(text))
			filled = filled || text != ""
		}
		if filled {
			all = append(all, s)
		}
	}
	line := func(text func(s *shown) string, style string) {
		var b strings.Builder
		for i := range all {
			s := &all[i]
			cell := text(s)
			pad := strings.Repeat(" ", s.width-utf8.RuneCountInString(cell))
			if i > 0 {
				b.WriteString("  ")
			}
			if s.left {
				b.WriteString(cell + pad)
			} else {
				b.WriteString(pad + cell)
			}
		}
		t.line(strings.TrimRight(b.String(), " "), style)
	}
	line(func(s *shown) string { return s.title }, "\x1b[1m")
	for i := range n {
		style := ""
		if marked != nil && marked(i) {
			style = "\x1b[31m"
		}
		line(func(s *shown) string { return s.texts[i] }, style)
	}
}

func (t *statsTable) line(text, style string) {
	if t.color && style != "" {
		text = style + text + "\x1b[0m"
	}
	t.dst = append(append(t.dst, text...), '\n')
}

// keyCells are the columns of what a row's messages have in common.
func (t *statsTable) keyCells(title string, key func(i int) *stats.Key) []cells {
	text := func(title string, value func(k *stats.Key) string) cells {
		return cells{title, true, func(i int) string { return printable(value(key(i))) }}
	}
	return []cells{
		text("source", func(k *stats.Key) string { return k.Source }),
		text("topic", func(k *stats.Key) string { return k.Topic }),
		{"partition", false, func(i int) string { return jsonInt(int64(key(i).Partition), key(i).HasPartition) }},
		{"connection", false, func(i int) string { return jsonInt(key(i).Connection, key(i).Connection > 0) }},
		text("client", func(k *stats.Key) string { return k.Client }),
		text("server", func(k *stats.Key) string { return k.Server }),
		text(title, func(k *stats.Key) string { return t.keyName(k) }),
		text("direction", func(k *stats.Key) string { return k.Direction }),
		text("encoding", func(k *stats.Key) string { return k.Encoding }),
	}
}

// keyName is what the messages of a row are called; nothing, where rows are not
// told apart by that.
func (t *statsTable) keyName(k *stats.Key) string {
	switch {
	case t.o.by.Type, k.Other:
		return keyName(k)
	}
	return string(k.Error)
}

// keyName is what people call the messages of a row.
func keyName(k *stats.Key) string {
	name := k.Name
	switch {
	case name != "":
	case k.Type != "":
		name = k.Type
	case k.Kind != "":
		name = k.Kind
	case k.HasID:
		name = "id " + strconv.FormatUint(uint64(k.ID), 10)
	case k.Other:
		name = "(others)"
	case k.Error == "":
		name = "(no type)"
	}
	if k.Error != "" {
		return strings.TrimSpace(string(k.Error) + " " + name)
	}
	return name
}

func rowName(r *stats.Row) string { return keyName(&r.Key) }

// printable keeps what a topic or a file is called from commanding a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == utf8.RuneError {
			return '\uFFFD'
		}
		return r
	}, s)
}

func (t *statsTable) messages(rows []*stats.Row) {
	columns := t.keyCells("message", func(i int) *stats.Key { return &rows[i].Key })
	size := func(title string, value func(r *stats.Row) (n int64, exact, there bool)) cells {
		return cells{title, false, func(i int) string { return t.rounded(value(rows[i])) }}
	}
	columns = append(columns,
		cells{"count", false, func(i int) string { return strconv.FormatInt(rows[i].Count, 10) }},
		cells{"share", false, func(i int) string { return percent(share(rows[i].Bytes, t.totals.bytes)) }},
		size("bytes", func(r *stats.Row) (int64, bool, bool) { return r.Bytes, true, true }),
		size("min", func(r *stats.Row) (int64, bool, bool) { return r.Sizes.Min(), true, r.Sizes.Count() > 0 }),
		size("median", func(r *stats.Row) (int64, bool, bool) {
			return r.Sizes.Quantile(0.5), r.Sizes.Exact(), r.Sizes.Count() > 0
		}),
		size("max", func(r *stats.Row) (int64, bool, bool) { return r.Sizes.Max(), true, r.Sizes.Count() > 0 }),
		size("on wire", func(r *stats.Row) (int64, bool, bool) { return r.WireBytes, true, true }),
		size("keys", func(r *stats.Row) (int64, bool, bool) { return r.KeyBytes, true, r.HasKeys }),
		size("lost", func(r *stats.Row) (int64, bool, bool) { return r.LostBytes, true, r.LostBytes > 0 }),
		cells{"decode" + t.unit(), false, func(i int) string { return t.time(&rows[i].Times, 0.5) }},
	)
	t.table(columns, len(rows), func(i int) bool { return rows[i].Error != "" })
}

// answers is the table of requests.
func (t *statsTable) answers(all []*stats.Row) {
	var rows []*stats.Row
	for _, r := range all {
		if r.Answers.Requests > 0 {
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		return
	}
	t.line("\nfrom a request to its first answer:", "")
	columns := t.keyCells("request", func(i int) *stats.Key { return &rows[i].Key })
	columns[7].title = "" // only clients ask
	columns[7].cell = func(int) string { return "" }
	number := func(title string, value func(a *stats.Answers) int64) cells {
		return cells{title, false, func(i int) string { return strconv.FormatInt(value(&rows[i].Answers), 10) }}
	}
	duration := func(title string, q float64) cells {
		return cells{title + t.unit(), false, func(i int) string { return t.time(&rows[i].Answers.Times, q) }}
	}
	t.table(append(columns,
		cells{"paired by", true, func(i int) string { return pairedBy(rows[i]) }},
		number("requests", func(a *stats.Answers) int64 { return a.Requests }),
		number("answered", func(a *stats.Answers) int64 { return a.Times.Count() }),
		number("by error", func(a *stats.Answers) int64 { return a.Errors }),
		number("unanswered", func(a *stats.Answers) int64 { return a.Requests - a.Times.Count() }),
		duration("min", 0), duration("median", 0.5), duration("p99", 0.99), duration("max", 1),
	), len(rows), nil)
}

// comparison is the table of messages in both encodings.
func (t *statsTable) comparison(all []*stats.Comparison) {
	if len(all) == 0 {
		return
	}
	t.line("\ntext against protobuf:", "")
	columns := t.keyCells("message", func(i int) *stats.Key { return &all[i].Key })
	both := func(title string, value func(r *stats.Row) string) {
		columns = append(columns,
			cells{title + " text", false, func(i int) string { return value(&all[i].Text) }},
			cells{"protobuf", false, func(i int) string { return value(&all[i].Protobuf) }})
	}
	both("count", func(r *stats.Row) string { return strconv.FormatInt(r.Count, 10) })
	both("median", func(r *stats.Row) string { return t.rounded(r.Sizes.Quantile(0.5), r.Sizes.Exact(), true) })
	ratio := func(title string, value func(c *stats.Comparison) float64) {
		columns = append(columns, cells{title, false, func(i int) string {
			if r := value(all[i]); r > 0 {
				return strconv.FormatFloat(r, 'f', 2, 64)
			}
			return ""
		}})
	}
	ratio("ratio", func(c *stats.Comparison) float64 { payload, _ := c.Ratio(); return payload })
	ratio("on wire", func(c *stats.Comparison) float64 { _, wire := c.Ratio(); return wire })
	both("decode"+t.unit(), func(r *stats.Row) string { return t.time(&r.Times, 0.5) })
	both("answer"+t.unit(), func(r *stats.Row) string { return t.time(&r.Answers.Times, 0.5) })
	t.table(columns, len(all), nil)
}

// foot says what all rows come to, and what of the input is in none.
func (t *statsTable) foot(rows []*stats.Row) {
	var n, failed, bytes, wire int64
	for _, r := range rows {
		if r.Error == "" {
			n += r.Count
		} else {
			failed += r.Count
		}
		bytes += r.Bytes
		wire += r.WireBytes
	}
	if len(rows) > 0 {
		t.line("", "")
	}
	text := count(n, "message")
	if failed > 0 {
		text += " and " + count(failed, "damaged record")
	}
	t.line(fmt.Sprintf("%s: %s, %s with their headers; %s read, %s in no row",
		text, t.bytes(bytes), t.bytes(wire), t.bytes(t.input), t.bytes(t.input-wire)), "")
	if t.rough {
		t.line("~ is within "+percent(stats.Error), "")
	}
	if t.folded > 0 {
		t.line(count(t.folded, "record")+" of further kinds in (others): --max-rows", "")
	}
}

// rounded is a number of bytes, with a ~ where it is not exact.
func (t *statsTable) rounded(n int64, exact, there bool) string {
	switch {
	case !there:
		return ""
	case exact:
		return t.amount(n)
	}
	t.rough = true
	return "~" + t.amount(n)
}

// amount is a number of bytes in a column.
func (t *statsTable) amount(n int64) string {
	if t.human && n >= 1<<10 {
		return humanBytes(n)
	}
	return strconv.FormatInt(n, 10)
}

// bytes is a number of bytes in a sentence.
func (t *statsTable) bytes(n int64) string {
	if t.human && n >= 1<<10 {
		return humanBytes(n)
	}
	return count(n, "byte")
}

func humanBytes(n int64) string {
	f, unit := float64(n), 0
	for f >= 1023.95 && unit < 4 {
		f /= 1024
		unit++
	}
	return threeDigits(f) + " " + []string{"B", "KiB", "MiB", "GiB", "TiB"}[unit]
}

// unit goes with the titles of times.
func (t *statsTable) unit() string {
	if t.human {
		return ""
	}
	return " ns"
}

// time is a quantile of nanoseconds.
func (t *statsTable) time(h *stats.Histogram, q float64) string {
	if h.Count() == 0 {
		return ""
	}
	n := h.Quantile(q)
	text := strconv.FormatInt(n, 10)
	if t.human {
		text = humanTime(time.Duration(n))
	}
	if h.Exact() || n == h.Min() || n == h.Max() {
		return text
	}
	t.rough = true
	return "~" + text
}

func humanTime(d time.Duration) string {
	switch {
	case d < time.Microsecond:
		return strconv.FormatInt(int64(d), 10) + " ns"
	case d < time.Millisecond:
		return threeDigits(float64(d)/1e3) + " µs"
	case d < time.Second:
		return threeDigits(float64(d)/1e6) + " ms"
	}
	return threeDigits(d.Seconds()) + " s"
}

// threeDigits is a number of which no more than three digits are of interest.
func threeDigits(f float64) string {
	digits := 0
	switch {
	case f < 10:
		digits = 2
	case f < 100:
		digits = 1
	}
	return strconv.FormatFloat(f, 'f', digits, 64)
}

func percent(share float64) string { return strconv.FormatFloat(100*share, 'f', 1, 64) + "%" }
