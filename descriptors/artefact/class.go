package artefact

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// class finds descriptors in a Java class (JVMS chapter 4): in its code, the
// constants that are stored into an array of strings one after another.
func (l *lifter) class(data []byte, at place) error {
	if !bytes.Contains(data, []byte(".proto")) {
		return nil
	}
	c := &classFile{data: data}
	c.read()
	if c.damaged {
		return errClass
	}
	for _, parts := range c.arrays {
		raw := slices.Concat(parts...)
		if len(raw) == 0 || raw[0] != 0x0a || !bytes.Contains(raw[:min(len(raw), overlap)], []byte(".proto")) {
			continue
		}
		if !whole(raw) {
			return errDescriptor
		}
		l.found(raw, at.at(""))
	}
	return nil
}

// classFile is a class that is being read.
type classFile struct {
	data    []byte
	damaged bool
	// text is the contents of CONSTANT_Utf8 entries, names the indexes that
	// CONSTANT_String and CONSTANT_Class entries refer to, both by index.
	text  [][]byte
	names []uint16
	// arrays are the arrays of strings that the code makes: the bytes that the
	// characters of each stand for.
	arrays [][][]byte
}

// take is the next n bytes; nil, and the class damaged, if there are fewer.
func (c *classFile) take(n int) []byte {
	if n < 0 || n > len(c.data) {
		c.damaged, c.data = true, nil
		return nil
	}
	taken := c.data[:n]
	c.data = c.data[n:]
	return taken
}

func (c *classFile) u1() int {
	if b := c.take(1); b != nil {
		return int(b[0])
	}
	return 0
}

func (c *classFile) u2() int {
	if b := c.take(2); b != nil {
		return int(binary.BigEndian.Uint16(b))
	}
	return 0
}

func (c *classFile) u4() int {
	if b := c.take(4); b != nil {
		return int(binary.BigEndian.Uint32(b))
	}
	return 0
}

func (c *classFile) read() {
	c.take(8)
	c.constants()
	c.take(6)
	c.take(2 * c.u2())
	c.members(false)
	c.members(true)
}

// constants reads the constant pool.
func (c *classFile) constants() {
	count := c.u2()
	c.text, c.names = make([][]byte, count), make([]uint16, count)
	for i := 1; i < count && !c.damaged; i++ {
		switch tag := c.u1(); tag {
		case 1: // Utf8
			c.text[i] = c.take(c.u2())
		case 7, 8: // Class, String
			c.names[i] = uint16(c.u2())
		case 16, 19, 20: // MethodType, Module, Package
			c.take(2)
		case 15: // MethodHandle
			c.take(3)
		case 3, 4, 9, 10, 11, 12, 17, 18: // Integer, Float, …ref, NameAndType, Dynamic, InvokeDynamic
			c.take(4)
		case 5, 6: // Long, Double: two places
			c.take(8)
			i++
		default:
			c.damaged = true
		}
	}
}

// named is the text that a CONSTANT_String or CONSTANT_Class refers to.
func (c *classFile) named(index int) []byte {
	if index >= len(c.names) || int(c.names[index]) >= len(c.text) {
		return nil
	}
	return c.text[c.names[index]]
}

// members reads the fields, or the methods with their code.
func (c *classFile) members(methods bool) {
	for range c.u2() {
		if c.damaged {
			return
		}
		c.take(6)
		for range c.u2() {
			name := c.u2()
			attribute := c.take(c.u4())
			if methods && name < len(c.text) && string(c.text[name]) == "Code" && len(attribute) >= 8 {
				length := int64(binary.BigEndian.Uint32(attribute[4:]))
				c.code(attribute[8:min(8+length, int64(len(attribute)))])
			}
		}
	}
}

// Instructions of the Java virtual machine (JVMS chapter 6).
const (
	opLdc          = 0x12
	opLdcW         = 0x13
	opAastore      = 0x53
	opIinc         = 0x84
	opAnewarray    = 0xbd
	opTableswitch  = 0xaa
	opLookupswitch = 0xab
	opWide         = 0xc4
)

// code follows the instructions of a method: anewarray String begins an array,
// and a constant that is loaded right before aastore is its next element.
func (c *classFile) code(code []byte) {
	var loaded []byte
	var parts [][]byte
	strings := false
	finish := func() {
		if len(parts) > 0 {
			c.arrays = append(c.arrays, parts)
		}
		parts = nil
	}
	for pc := 0; pc < len(code); {
		n := instructionLength(code, pc)
		if n <= 0 || pc+n > len(code) {
			break
		}
		load := loaded
		loaded = nil
		switch code[pc] {
		case opLdc:
			loaded = c.named(int(code[pc+1]))
		case opLdcW:
			loaded = c.named(int(binary.BigEndian.Uint16(code[pc+1:])))
		case opAnewarray:
			finish()
			strings = string(c.named(int(binary.BigEndian.Uint16(code[pc+1:])))) == "java/lang/String"
		case opAastore:
			if load != nil && strings {
				if part, ok := latin(load); ok {
					parts = append(parts, part)
				}
			}
		}
		pc += n
	}
	finish()
}

// instructionLength is how many bytes an instruction takes, 0 for none.
func instructionLength(code []byte, pc int) int {
	switch op := code[pc]; {
	case op == opTableswitch || op == opLookupswitch:
		at := (pc + 4) &^ 3 // what follows is aligned to four bytes
		if at+12 > len(code) {
			return 0
		}
		word := func(i int) int64 { return int64(int32(binary.BigEndian.Uint32(code[at+4*i:]))) }
		size := int64(at-pc) + 8 + 8*word(1)
		if op == opTableswitch {
			size = int64(at-pc) + 12 + 4*(word(2)-word(1)+1)
		}
		if size <= 0 || size > int64(len(code)) {
			return 0
		}
		return int(size)
	case op == opWide:
		if pc+1 < len(code) && code[pc+1] == opIinc {
			return 6
		}
		return 4
	default:
		return 1 + operands(op)
	}
}

// operands is how many bytes follow an instruction of fixed length.
func operands(op byte) int {
	switch {
	case op == 0x10, op == opLdc, op >= 0x15 && op <= 0x19, op >= 0x36 && op <= 0x3a, op == 0xa9, op == 0xbc:
		return 1
	case op == 0x11, op == opLdcW, op == 0x14, op == opIinc, op >= 0x99 && op <= 0xa8, op >= 0xb2 && op <= 0xb8,
		op == 0xbb, op == opAnewarray, op == 0xc0, op == 0xc1, op == 0xc6, op == 0xc7:
		return 2
	case op == 0xc5:
		return 3
	case op == 0xb9, op == 0xba, op == 0xc8, op == 0xc9:
		return 4
	}
	return 0
}

// latin is the bytes that the characters of modified UTF-8 stand for; false
// where one is beyond 255.
func latin(text []byte) ([]byte, bool) {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= 0x80 {
			if c&0xfc != 0xc0 || i+1 == len(text) || text[i+1]&0xc0 != 0x80 {
				return nil, false
			}
			i++
			c = c<<6 | text[i]&0x3f
		}
		out = append(out, c)
	}
	return out, true
}
