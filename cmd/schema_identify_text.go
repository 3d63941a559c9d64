package cmd

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pbscope/pbscope/inspect"
	"github.com/pbscope/pbscope/inspect/identify"
	"github.com/pbscope/pbscope/inspect/span"
)

// identifiedText is the table of a group.
func identifiedText(group *inspect.Group, r *identify.Result) []byte {
	var b strings.Builder
	if group.Name() != "" {
		b.WriteString(group.Name() + ", ")
	}
	fmt.Fprintf(&b, "%s, %s compared\n", count(int64(r.Samples), "sample"), count(int64(r.Compared), "type"))
	if len(r.Candidates) == 0 {
		return []byte(b.String())
	}
	b.WriteString("rank  score  unknown  failed  type\n")
	for i := range r.Candidates {
		c := &r.Candidates[i]
		rank := strconv.Itoa(c.Rank)
		if c.Tied > 1 {
			rank += "="
		}
		fmt.Fprintf(&b, "%-4s  %s  %7d  %6d  %s\n", rank, score(c.Score), c.Unknown, c.Failed, c.Type)
	}
	last := r.Candidates[len(r.Candidates)-1]
	if more := last.Rank - 1 + last.Tied - len(r.Candidates); more > 0 {
		fmt.Fprintf(&b, "… and %s that tie%s with the last one\n", count(int64(more), "type"), singularS(more))
	}
	return []byte(b.String())
}

// score is a number from 0 to 1 with three digits; 1 is all of it.
func score(s float64) string { return strconv.FormatFloat(s, 'f', 3, 64) }

// count is a number and a noun.
func count(n int64, noun string) string {
	return strconv.FormatInt(n, 10) + " " + noun + plural(n)
}

func singularS(n int) string {
	if n == 1 {
		return "s"
	}
	return ""
}

// appendIdentified appends a line for each candidate. After the keys of the
// contract stand its rank, how many types have that rank where it is not alone,
// and what tells the group apart.
func appendIdentified(b []byte, group *inspect.Group, r *identify.Result) []byte {
	for i := range r.Candidates {
		c := &r.Candidates[i]
		b = span.AppendQuoted(append(b, `{"type":`...), c.Type)
		b = append(append(b, `,"score":`...), score(c.Score)...)
		b = strconv.AppendInt(append(b, `,"unknown":`...), int64(c.Unknown), 10)
		b = strconv.AppendInt(append(b, `,"samples":`...), int64(c.Samples), 10)
		b = strconv.AppendInt(append(b, `,"failed":`...), int64(c.Failed), 10)
		b = strconv.AppendInt(append(b, `,"rank":`...), int64(c.Rank), 10)
		if c.Tied > 1 {
			b = strconv.AppendInt(append(b, `,"tied":`...), int64(c.Tied), 10)
		}
		if group.Topic != "" {
			b = span.AppendQuoted(append(b, `,"topic":`...), group.Topic)
		}
		if group.HasID {
			b = span.AppendQuoted(append(b, `,"direction":`...), group.Direction)
			b = strconv.AppendUint(append(b, `,"id":`...), uint64(group.ID), 10)
		}
		b = append(b, "}\n"...)
	}
	return b
}
