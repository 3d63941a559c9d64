package tws

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/pbscope/pbscope/inspect/frame"
)

const fileHead = "direction\tbase_msg_id\tconstant\tproto_message\n"

func TestParseMessages(t *testing.T) {
	want := []frame.TWSMessage{
		{Direction: client, ID: 110, Name: "REQ_NEW", Type: "protobuf.NewRequest"},
		{Direction: server, ID: 1, Name: "TICK_PRICE", Type: ""},
		{Direction: server, ID: 150, Name: "NEW", Type: "other.pkg.New"},
	}
	for _, text := range []string{
		fileHead + "in\t150\tNEW\tother.pkg.New\nout\t110\tREQ_NEW\tprotobuf.NewRequest\nin\t1\tTICK_PRICE\t\n",
		"\ufeff# more\r\n\r\nserver\t150\tNEW\tother.pkg.New\r\nin\t1\tTICK_PRICE\r\nclient\t110\tREQ_NEW\tprotobuf.NewRequest",
		"constant\tnote\tproto_message\tdirection\tbase_msg_id\nNEW\tx\tother.pkg.New\tin\t150\nTICK_PRICE\t\t\tin\t1\nREQ_NEW\t\tprotobuf.NewRequest\tout\t110\ty\n",
	} {
		got, err := ParseMessages(text)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, c := range []struct{ text, want string }{
		{"in\t0\tA\t\n", `1:4: message id "0" is not a number from 1 to 999799`},
		{fileHead + "up\t5\tA\t\n", `2:1: direction "up" is neither out (client) nor in (server)`},
		{fileHead + "in\t5\t\t\n", `2:6: constant "" is not a name`},
		{fileHead + "in\t5\tA\tprotobuf.\n", `2:8: message type "protobuf." is not a full name such as protobuf.TickPrice`},
		{fileHead + "in\t5\tA\n\nin\t5\tB\n", "4:4: message 5 of the server stands on line 2 already"},
		{"in 5 A\n", "1:1: one cell where four are wanted"},
		{"direction\tconstant\tproto_message\n", "1:1: column base_msg_id is missing"},
		{"direction\tdirection\n", "1:11: column direction is named twice"},
		{"in\n", `1:4: message id "" is not a number from 1 to 999799`},
	} {
		_, err := ParseMessages(c.text)
		var e *FileError
		if !errors.As(err, &e) || fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message) != c.want {
			t.Errorf("%q: %+v", c.text, err)
		}
	}
}

func TestOwnTable(t *testing.T) {
	own, err := ParseMessages("in\t3\tORDER_STATUS\tprotobuf.OrderStatus\nin\t1\tPRICE\tmine.Price\nout\t500\tNEW\t\n")
	if err != nil {
		t.Fatal(err)
	}
	own = MergeMessages(own, []frame.TWSMessage{{Direction: client, ID: 500, Name: "NEWER"}})
	all := table{own}
	for _, c := range []struct {
		direction string
		id        uint32
		want      string
	}{
		{server, 1, "PRICE mine.Price"}, {server, 2, "TICK_SIZE protobuf.TickSize"}, {server, 3, "ORDER_STATUS protobuf.OrderStatus"},
		{client, 500, "NEWER "}, {"", 500, "NEWER "}, {"", 1, " "}, {server, 500, " "}, {client, 72, "VERIFY_AND_AUTH_REQUEST "},
	} {
		row, ok := all.find(c.direction, c.id)
		if got := row.name + " " + string(row.message()); got != c.want || ok != (row.name != "") {
			t.Errorf("%s %d: %s", c.direction, c.id, got)
		}
		if all.exists(c.direction, c.id) != (c.want != " " || c.id == 1) {
			t.Errorf("%s %d: exists is %v", c.direction, c.id, !ok)
		}
	}
}

func FuzzParseMessages(f *testing.F) {
	f.Add(fileHead + "in\t150\tNEW\tother.pkg.New\n")
	f.Fuzz(func(t *testing.T, text string) {
		messages, err := ParseMessages(text)
		if err == nil && !slices.IsSortedFunc(messages, compareMessages) {
			t.Error("not in order")
		}
	})
}
