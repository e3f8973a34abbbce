// The versions of what h2spec is built from: those that Go 1.19 can build.
module h2spec
go 1.19
require (
	github.com/summerwind/h2spec v2.2.1+incompatible
	golang.org/x/net v0.17.0
	golang.org/x/sys v0.13.0
	golang.org/x/text v0.13.0
	github.com/mattn/go-isatty v0.0.17
	github.com/fatih/color v1.13.0
	github.com/spf13/cobra v1.6.1
	gopkg.in/yaml.v3 v3.0.1
)
