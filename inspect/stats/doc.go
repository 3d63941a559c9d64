// Package stats counts messages: how many of which kind there are, how large
// they are, how long decoding them takes, and how long a server takes to answer
// a request.
//
// It takes the records of an inspect.Pipeline whose workers are inspect.Meters,
// in order and in bounded memory: of kinds beyond a limit only the sum is known,
// and medians of many different values are off by a stated share. What people
// see of it is the business of package cmd.
package stats
