package cmd

import (
	"errors"
	"strconv"
)

// countFlag is a whole number that is not below least.
type countFlag struct {
	n     *int64
	least int64
}

func (f *countFlag) String() string {
	if f.n == nil {
		return "0"
	}
	return strconv.FormatInt(*f.n, 10)
}

func (f *countFlag) Type() string { return "N" }

// Set implements pflag.Value.
func (f *countFlag) Set(text string) error {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < f.least {
		return errors.New("must be a whole number, " + strconv.FormatInt(f.least, 10) + " or more")
	}
	*f.n = n
	return nil
}
