package cmd

const schemasPage = `A schema is made of .proto files. They come from, in this order, and the first
source that has a file wins:

  -I DIR, -p FILE   .proto source. With -I and -t the file that declares the type
                    is found.
  -d FILE           a FileDescriptorSet (binary, JSON or text, compressed or not),
                    or generated code that has descriptors in it.
  --reflect ADDR    a gRPC server with reflection, HOST:PORT or unix:PATH. Only
                    the files that are needed are asked for.
  built in          google/protobuf, google/api, google/rpc, google/type,
                    google/longrunning.

pbscope schema which TYPE says which source a type is from. pbscope.yaml can say
all of this once for a directory: see pbscope config --help.

Import paths: where DIR has a buf.yaml or buf.work.yaml, the roots of its modules
come first, and DIR itself only resolves imports. Directories that a module
excludes are not searched for types. Links to directories are followed. A file
of -p that lies under no import path makes one: its directory, or the one
directory above or beside it that its imports fit, which is then said.

Editions 2023 and 2024 are read from source and from sets. Of the rules for
source, when features of single languages (features.(pb.cpp).…) came and went is
not checked. Sets are taken as somebody's compiler wrote them: visibility and
naming style are not checked in them.

Cache: compiled schemas are kept under the user's cache directory, each while all
files that it was made of are the same, new ones earlier on the import path
included. --no-cache leaves it alone; pbscope cache --help says more. What a
server says by reflection is not kept, nor what was read from a pipe.

Generated code:
  Go       programs, libraries and objects that link code of protoc-gen-go, any
           version, or gogo; also without symbols. Not with garble -literals.
  C++      programs, libraries (.so, .a, .dll) and objects with generated code.
           None for the lite runtime (optimize_for = LITE_RUNTIME).
  Java     .class (the outer class of a file), .jar and other archives, archives
           within archives, directories. None for javalite; classes.dex, native
           images of GraalVM and encrypted strings are not read.
  Python   NAME_pb2.py of any version of protoc, compiled or not, wheels and
           directories.
  Rust     programs that embed a descriptor set, for tonic-reflection say.
Comments and positions are in none of them. Programs that are packed (UPX) have
to be unpacked first. What was lifted goes into a set with
pbscope schema build -d PROGRAM -o FILE.

Reflection:
  --reflect-tls             TLS; so do the next three lines
  --reflect-ca FILE         trust these authorities (PEM), not the system's
  --reflect-cert FILE, --reflect-key FILE   the client's own certificate
  --reflect-insecure        trust any certificate
  --reflect-authority NAME  the name in requests and in the server's certificate
  --reflect-header 'NAME: VALUE'   sent with each call (repeatable)
  --reflect-timeout 10s     for connecting and for each answer
v1 is asked first, then v1alpha.`
