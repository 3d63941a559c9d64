package cmd

import (
	"errors"
	"strconv"
)

// depthFlag is a number of levels from 1 to maxLevels.
type depthFlag int

// maxLevels is the deepest nesting that --max-depth allows: each level takes
// some of a goroutine's stack, which the runtime ends at a gigabyte.
const maxLevels = 100_000

func (d *depthFlag) String() string { return strconv.Itoa(int(*d)) }

func (d *depthFlag) Type() string { return "LEVELS" }

// Set implements pflag.Value.
func (d *depthFlag) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLevels {
		return errors.New("must be a number from 1 to " + strconv.Itoa(maxLevels))
	}
	*d = depthFlag(n)
	return nil
}
