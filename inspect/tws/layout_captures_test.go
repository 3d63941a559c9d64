package tws

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestNamesOfCaptures names the fields of every text message that a real client
// and a real gateway have written, but for those that have none.
func TestNamesOfCaptures(t *testing.T) {
	logs, _ := filepath.Glob(filepath.Join(capturesDir(t), "*.expected.jsonl"))
	seen := 0
	for _, file := range logs {
		versions := map[int]int{}
		for _, l := range readLog(t, file) {
			if l.Kind == kindServerInfo {
				versions[l.Conn] = l.Version
			}
			if l.Kind != kindMessage || l.Encoding != text || len(l.Fields) == 0 {
				continue
			}
			sender, _, _ := strings.Cut(l.Direction, "->")
			if namesOf(layoutOf(sender, l.Name), versionsOf(versions[l.Conn], false), l.Fields) == nil {
				t.Errorf("%s, version %d: no names for %q", l.Name, versions[l.Conn], l.Fields)
			}
			seen++
		}
	}
	if seen == 0 {
		t.Error("no text messages")
	}
}
