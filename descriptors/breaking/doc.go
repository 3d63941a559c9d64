// Package breaking compares two states of a schema and says what the change
// does to bytes that are stored or under way, and to calls.
//
// A change is judged by what readers get: for two types that differ, values
// are written under the one and read under the other, in both directions, by
// the wire's rules with features, closedness and options resolved (read.go,
// effect.go, types.go). Which declarations are the same on both sides is
// decided first (pair.go, names.go). The rules are the rows of one table
// (rules.go); each looks at one pair, and what it finds carries a witness:
// bytes that show the damage, run through the engines (witness.go).
//
// The package prints nothing; it renders a Report as text or JSON (text.go,
// json.go). Package cmd uses it.
package breaking
