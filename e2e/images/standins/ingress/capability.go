package ingress

import (
	"syscall"
	"unsafe"
)

// raiseBind turns CAP_NET_BIND_SERVICE on where the program's file brings it, for all threads. The file brings it
// without the effective bit, so that the same program still starts in containers that drop the capability.
func raiseBind() error {
	const bindService, version3 = 1 << 10, 0x20080522
	header := struct {
		version uint32
		pid     int32
	}{version: version3}
	var sets [2]struct{ effective, permitted, inheritable uint32 }
	if _, _, errno := syscall.RawSyscall(syscall.SYS_CAPGET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&sets)), 0); errno != 0 {
		return errno
	}
	if sets[0].permitted&bindService == 0 {
		return syscall.EPERM
	}
	sets[0].effective |= bindService
	if _, _, errno := syscall.AllThreadsSyscall(syscall.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&sets)), 0); errno != 0 {
		return errno
	}
	return nil
}
