package kafka

import "github.com/pbscope/pbscope/inspect/frame"

// SegmentName is the name of the form of segment files, the one form whose
// files and folders say something by their names.
const SegmentName = "kafka-segment"

// Named gives the records of r, a segment's, the topic and partition that
// stand in the name of its folder.
func Named(r frame.Reader, topic string, partition int32) frame.Reader {
	return &named{r, topic, partition}
}

type named struct {
	frame.Reader
	topic     string
	partition int32
}

// Next implements frame.Reader.
func (n *named) Next(f *frame.Frame) error {
	err := n.Reader.Next(f)
	if f.Meta != nil && f.Meta.Kafka != nil && f.Meta.Kafka.Topic == "" {
		f.Meta.Kafka.Topic, f.Meta.Kafka.Partition = n.topic, &n.partition
	}
	return err
}
