package cmd

import (
	"fmt"
	"os"

	"github.com/pbscope/pbscope/descriptors/breaking"
	"github.com/pbscope/pbscope/descriptors/breaking/mend"
)

// printPatches prints what --fix would change as one patch.
func (a *app) printPatches(report *breaking.Report) error {
	files, left := mend.Files(report.Findings)
	for _, file := range files {
		source, err := os.ReadFile(file.Path)
		if err != nil {
			return &unreadableError{message: "cannot read " + plainError(file.Path, err)}
		}
		if err := a.printText(string(file.Patch(source))); err != nil {
			return err
		}
	}
	a.tellLeft(left)
	return nil
}

// writeMends writes the mends into the files; changed says that there were
// some. Each file is replaced whole.
func (a *app) writeMends(report *breaking.Report) (changed bool, err error) {
	files, left := mend.Files(report.Findings)
	for _, file := range files {
		source, err := os.ReadFile(file.Path)
		if err != nil {
			return changed, &unreadableError{message: "cannot read " + plainError(file.Path, err)}
		}
		out, err := a.openOutput(file.Path)
		if err != nil {
			return changed, err
		}
		if _, err := out.file.Write(file.Apply(source)); err != nil {
			_ = out.close(false)
			return changed, cannotWrite(file.Path, err)
		}
		if err := out.close(true); err != nil {
			return changed, err
		}
		a.tell(file.Path + ": reserved what is missing")
		changed = true
	}
	a.tellLeft(left)
	return changed, nil
}

// tellLeft tells of mends that are for people to make.
func (a *app) tellLeft(left []*breaking.Finding) {
	for _, f := range left {
		file := f.Path
		if file == "" {
			file = f.File
		}
		a.tell(fmt.Sprintf("%s: %s for %s has to be put in by hand: its message or enum has no line of its own for it", file, f.Fix.Text, f.Element))
	}
}
