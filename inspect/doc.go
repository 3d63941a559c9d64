// Package inspect turns bytes off the wire into records and back: it ties the
// forms of inspect/frame, inspect/kafka and inspect/tws to the engines of
// inspect/transcode and inspect/message.
//
// It knows schemas only as a plan.Set; where they come from is the business
// of package descriptors, and what a person sees that of package cmd. Nothing
// here prints, exits or reads the environment.
package inspect
