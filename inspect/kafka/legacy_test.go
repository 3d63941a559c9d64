package kafka

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/pbscope/pbscope/inspect/span"
)

// legacySets are three messages (keys null, k1, k2; values value-value-value-0,
// null, value-value-value-2; with magic 1 at 1600000000000 ms and on) as
// kafka-python 3.0.12 builds them, wrappers at offset 102 as a broker would
// have put them.
func legacySets() []struct {
	magic int8
	codec string
	data  string
} {
	return []struct {
		magic int8
		codec string
		data  string
	}{
		{0, "", "00000000000000000000002197c3125f0000ffffffff0000001376616c75652d76616c75652d76616c75652d30000000000000000100000010cc83990a0000000000026b31ffffffff000000000000000200000023a13c414f0000000000026b320000001376616c75652d76616c75652d76616c75652d32"},
		{0, "gzip", "00000000000000660000005a348a99bc0001ffffffff0000004c1f8b0800c8c5006b02ff63608003c5e98785e21918fe030190275c9698539aaa8b4c1a40153202b1c099e6995c601e53b621540b9807c4ca0b6d1cfda17246d88d320200298a075278000000"},
		{0, "snappy", "00000000000000660000006f447bf5eb0002ffffffff0000006182534e415050590000000001000000010000004d7800001901502197c3125f0000ffffffff0000001376616c75652d2e060000300d2c200100000010cc83990a051008026b310d330101200200000023a13c414f010d1000026b3200524b000032"},
		{0, "lz4", "00000000000000660000006c31c5df260003ffffffff0000005e04224d1860401a4f00000016000100f8062197c3125f0000ffffffff0000001376616c75652d060013302c00910100000010cc83990a100033026b313300000200900200000023a13c414f0d004e00026b324b00506c75652d3200000000"},
		{1, "", "000000000000000000000029be887125010000000174876e8000ffffffff0000001376616c75652d76616c75652d76616c75652d300000000000000001000000184c4ef21c010000000174876e8001000000026b31ffffffff00000000000000020000002bd8960f8a010000000174876e8002000000026b320000001376616c75652d76616c75652d76616c75652d32"},
		{1, "gzip", "00000000000000660000006ee656f1fb01010000000000000000ffffffff000000581f8b0800c8c5006b02ff63608003cd7d1d85aa8c400663497b5e03c37f20007284cb12734a5375914903a806905a091fbf4f32704d200653b621542b083001b1f68d69fc5d70354c603546d88d360200861a6f2290000000"},
		{1, "snappy", "0000000000000066000000858d42257301020000000000000000ffffffff0000006f82534e415050590000000001000000010000005b9001000019017029be887125010000000174876e8000ffffffff0000001376616c75652d2e060000300d34012c10184c4ef21c01090535010908026b310d3b010120020000002bd8960f8a011b052401120c026b3200525b000032"},
		{1, "lz4", "00000000000000660000008e25d2dc6801030000000000000000ffffffff0000007804224d1868409000000000000000796100000016000100f80e29be887125010000000174876e8000ffffffff0000001376616c75652d060013303400002c0050184c4ef21c090001350000090033026b313b0000020090020000002bd8960f8a1b000124000012003e026b325b00506c75652d3200000000"},
	}
}

func TestLegacyMessages(t *testing.T) {
	for _, set := range legacySets() {
		data, err := hex.DecodeString(set.data)
		if err != nil {
			t.Fatal(err)
		}
		name := "magic " + itoa(int(set.magic)) + " " + set.codec
		if !sureSegment(data, true) {
			t.Errorf("%s: not recognised", name)
		}
		frames := readAll(t, Segment(), bytes.NewReader(data), nil)
		if len(frames) != 3 {
			t.Fatalf("%s: %d frames: %+v", name, len(frames), frames)
		}
		first := int64(0)
		if set.codec != "" && set.magic == 1 {
			first = 100
		}
		for i, f := range frames {
			if f.Problem != nil {
				t.Fatalf("%s: %v", name, f.Problem)
			}
			k := f.Meta.Kafka
			if *k.Offset != first+int64(i) || k.Codec != set.codec || f.Null != (i == 1) || (k.Key == nil) != (i == 0) || i > 0 && string(k.Key) != "k"+itoa(i) {
				t.Errorf("%s: record %d is %s", name, i, describe(f))
			}
			if i != 1 && string(f.Payload) != "value-value-value-"+itoa(i) {
				t.Errorf("%s: record %d has value %q", name, i, f.Payload)
			}
			if set.codec == "" && !bytes.HasPrefix(data[f.PayloadOffset:], f.Payload) || set.codec != "" && f.Offset != span.Unknown {
				t.Errorf("%s: record %d is at %d", name, i, f.PayloadOffset)
			}
			switch {
			case set.magic == 0 && (f.Meta.TimeDigits != 0 || k.TimestampType != "unknown"),
				set.magic == 1 && (f.Meta.Time.UnixMilli() != 1600000000000+int64(i) || k.TimestampType != "create"):
				t.Errorf("%s: record %d has time %v %s", name, i, f.Meta.Time, k.TimestampType)
			}
		}
		// Written again they are batches of format 2 with the same records.
		again := readAll(t, Segment(), bytes.NewReader(writeAll(t, Segment(), nil, frames)), nil)
		for i := range again {
			if !bytes.Equal(again[i].Payload, frames[i].Payload) || *again[i].Meta.Kafka.Offset != *frames[i].Meta.Kafka.Offset {
				t.Errorf("%s: record %d written again is %s", name, i, describe(again[i]))
			}
		}
		everyPrefix(t, name, data)
		everyByte(t, name, data)
	}
}

// pythonBatches are twenty records a batch as kafka-python 3.0.12 compresses
// them: snappy in xerial framing, lz4 with a content size.
func pythonBatches() []struct{ codec, data string } {
	return []struct{ codec, data string }{
		{"gzip", "0000000000000000000000c80000000002fbbc45a000010000001300000174876e800000000174876e8013ffffffffffffffffffffffffffff000000141f8b0800c8c5006b02ff6dcfcd0a40401885e1af499224499234499a6c949f31b81c0b2bb65cbfb3b4389b77f3ac5e2b22ea32ef713f67ffef205694a234823c8fd204f27d4a33280828595018525a405144c981e298d20a4a124a1b284d29ede224cbd4d591e50196e7dc465851709b6065c96d865515370bd39adb02ab6b6e0ed634dc5658db72db60c670dbe5031c3efc7026020000"},
		{"snappy", "00000000000000000000011f000000000289db1f7b00020000001300000174876e800000000174876e8013ffffffffffffffffffffffffffff0000001482534e41505059000000000100000001000000daa6043034000000026b2676616c75652d2e060014300034000202521b0014310034000404521b0014320034000606521b0014330034000808521b0014340034000a0a521b0014350034000c0c521b0014360034000e0e521b0014370034001010521b0014380034001212521b0020390036001414026b282e0801090c1831300036001616561c0014310036001818561c0014320036001a1a561c0014330036001c1c561c0014340036001e1e561c0014350036002020561c0014360036002222561c0014370036002424561c0014380036002626561c00043900"},
		{"lz4", "0000000000000000000001220000000002357d7e0d00030000001300000174876e800000000174876e8013ffffffffffffffffffffffffffff0000001404224d1868402602000000000000d4da000000d834000000026b2676616c75652d06006f3000340002021b00026f3100340004041b00026f3200340006061b00026f3300340008081b00026f340034000a0a1b00026f350034000c0c1b00026f360034000e0e1b00026f3700340010101b00026f3800340012121b000298390036001414026b280801020c007f313000360016161c00036f3100360018181c00036f320036001a1a1c00036f330036001c1c1c00036f340036001e1e1c00036f3500360020201c00036f3600360022221c00036f3700360024241c00036f3800360026261c000050652d31390000000000"},
		{"zstd", "0000000000000000000000cb0000000002e9f17c3400040000001300000174876e800000000174876e8013ffffffffffffffffffffffffffff0000001428b52ffd6026018504005248181950456c3834040a139999692149bd728a11313ef2519db1bba7731475dfa6e9ae49d2bd5174cf20e8cee7b9638e73bf9ae66e31ccbdb202dd5b963ba728f32d49e61a82cc7b1cf3cc30e62c8a394610f36b18e6d67bf34a4000280c02a8eefd0c1400402940294029402940294029402940293f1503bc03be02be02be02be02be02be02be02bee2f32bc2952f"},
	}
}

func TestPythonBatches(t *testing.T) {
	for _, b := range pythonBatches() {
		data, err := hex.DecodeString(b.data)
		if err != nil {
			t.Fatal(err)
		}
		frames := readAll(t, Segment(), bytes.NewReader(data), nil)
		if len(frames) != 20 {
			t.Fatalf("%s: %d frames: %+v", b.codec, len(frames), frames)
		}
		for i, f := range frames {
			if f.Problem != nil || string(f.Payload) != "value-value-value-"+itoa(i) || f.Meta.Kafka.Codec != b.codec {
				t.Errorf("%s: record %d is %s", b.codec, i, describe(f))
			}
		}
		everyPrefix(t, b.codec, data)
		everyByte(t, b.codec, data)
		everySealedByte(t, b.codec, data)
	}
}
