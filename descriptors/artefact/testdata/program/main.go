// Command program links generated code and does nothing: TestGoPrograms
// builds it for several systems.
package main

import (
	_ "google.golang.org/protobuf/types/known/apipb"
	_ "google.golang.org/protobuf/types/known/structpb"
	_ "google.golang.org/protobuf/types/pluginpb"
)

func main() {}
