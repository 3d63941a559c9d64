package stats

import (
	"testing"

	"github.com/pbscope/pbscope/inspect"
	"github.com/pbscope/pbscope/inspect/frame"
)

// BenchmarkAdd counts messages of several sizes and of one type, or of several
// TWS messages: what the one goroutine does that takes the records in order.
func BenchmarkAdd(b *testing.B) {
	for _, tws := range []bool{false, true} {
		name := map[bool]string{false: "one type", true: "TWS messages"}[tws]
		b.Run(name, func(b *testing.B) {
			table := NewTable(By{Type: true, Encoding: true}, 100)
			var frames []frame.Frame
			for i := range 16 {
				f := frame.Frame{Payload: make([]byte, 10+i*i), Length: int64(11 + i*i), Type: "trades.v1.Quote"}
				if tws {
					f.Meta = &frame.Meta{TWS: &frame.TWS{Direction: "server", Kind: "message", ID: uint32(i), HasID: true, Name: "TICK_PRICE", Encoding: "protobuf"}}
				}
				frames = append(frames, f)
			}
			rec := new(inspect.Record)
			i := 0
			for b.Loop() {
				table.Add("", &frames[i%16], rec, nil)
				i++
			}
		})
	}
}
