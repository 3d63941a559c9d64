// Package bufrules is the rules of the categories FILE, PACKAGE, WIRE_JSON,
// WIRE and CSR: textual rules over pairs of declarations, with the ids, the
// categories and the places that users of buf know, so that a team can change
// tools without changing what is checked.
//
// What each rule finds, and where, was learnt from the answers of buf 1.75.0
// (testdata has a record of them); differences that remain are named there.
// Files pair by path; messages, enums and services by full name over all
// files, imported ones as well; fields by message and number, extensions by
// extendee and number, enum values by number, methods by name.
//
// The package decides nothing about bytes: that is package breaking, which
// uses it and gives its findings their places, waivers and witnesses.
package bufrules
