// kind, as upstream starts it.
package main

import "sigs.k8s.io/kind/cmd/kind/app"

func main() { app.Main() }
