package cmd

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"

	"github.com/pbscope/pbscope/inspect"
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// output is where records go: standard output, or a file that is written
// whole or not at all.
type output struct {
	file *os.File
	path string // of the finished file, "" where nothing is to be renamed
	mode os.FileMode
}

func cannotWrite(path string, err error) error {
	return &unreadableError{message: "cannot write " + plainError(path, err)}
}

// openOutput opens the file of -o; "" and "-" are standard output.
func (a *app) openOutput(path string) (*output, error) {
	if path == "" || path == "-" {
		return &output{file: a.stdout}, nil
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		// A device or a named pipe cannot be replaced.
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, cannotWrite(path, err)
		}
		return &output{file: file}, nil
	}
	mode := 0o666 &^ umask()
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		// The link stays, and what it names is replaced.
		path = target
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, cannotWrite(path, err)
	}
	return &output{file: file, path: path, mode: mode}, nil
}

// refuseTerminal is the error of bytes that would go to a terminal, where they
// are not to be read and may command it.
func (a *app) refuseTerminal(form frame.Form, path string) error {
	if form.Printable || path != "" && path != "-" || !isTerminal(a.stdout) {
		return nil
	}
	return usagef(form.Name+" is not for a terminal", "write it to a file with -o, or print it with --to hex")
}

// close finishes the output; keep says whether the run was good enough for
// the file to appear.
func (o *output) close(keep bool) error {
	if o.path == "" {
		return nil
	}
	name := o.file.Name()
	err := o.file.Close()
	if err == nil && keep {
		// CreateTemp makes files that only their owner reads.
		if err = os.Chmod(name, o.mode); err == nil {
			err = os.Rename(name, o.path)
		}
	}
	if err != nil || !keep {
		os.Remove(name)
	}
	if err != nil {
		return cannotWrite(o.path, err)
	}
	return nil
}

// flushSize is how many bytes are written at once.
const flushSize = 256 << 10

// sink gathers records and writes them out.
type sink struct {
	out    *output
	buffer []byte
	// separator stands between two records.
	separator string
	// framing, when set, writes each record as a frame.
	framing frame.Writer
	started bool
	failed  bool // a write failed: nothing more is tried
}

// Put implements inspect.Sink.
func (s *sink) Put(f *frame.Frame, _ *inspect.Record, out []byte) error {
	if s.framing != nil {
		f.Payload = out
		var err error
		if s.buffer, err = s.framing.Append(s.buffer, f); err != nil {
			if errors.As(err, new(*span.Problem)) {
				return err
			}
			return usagef(err.Error(), "")
		}
	} else {
		if s.started {
			s.buffer = append(s.buffer, s.separator...)
		}
		s.started = true
		return s.PutAll(out)
	}
	s.started = true
	return s.flushFull()
}

// Joins implements inspect.Joining.
func (s *sink) Joins() bool { return s.framing == nil && s.separator == "" }

// PutAll implements inspect.Joining.
func (s *sink) PutAll(out []byte) error {
	if len(out) >= flushSize {
		// A copy of much would only cost time and memory.
		return cmp.Or(s.Flush(), s.write(out))
	}
	s.buffer = append(s.buffer, out...)
	return s.flushFull()
}

func (s *sink) flushFull() error {
	if len(s.buffer) >= flushSize {
		return s.Flush()
	}
	return nil
}

// Flush implements inspect.Sink.
func (s *sink) Flush() error {
	err := s.write(s.buffer)
	if cap(s.buffer) > 4<<20 {
		s.buffer = nil
	}
	s.buffer = s.buffer[:0]
	return err
}

func (s *sink) write(b []byte) error {
	if len(b) == 0 || s.failed {
		return nil
	}
	if _, err := s.out.file.Write(b); err != nil {
		s.failed = true
		return writeError(err)
	}
	return nil
}

// finish writes what the framing held back.
func (s *sink) finish() error {
	if s.framing != nil {
		var err error
		if s.buffer, err = s.framing.Finish(s.buffer); err != nil {
			return usagef(err.Error(), "")
		}
	}
	return s.Flush()
}
