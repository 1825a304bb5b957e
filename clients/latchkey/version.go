package main

import "runtime/debug"

// version is that of the module, which Go takes from the tag or the commit that the program was built of.
func version() string {
	built, ok := debug.ReadBuildInfo()
	if !ok || built.Main.Version == "" {
		return "unknown"
	}
	return built.Main.Version
}
