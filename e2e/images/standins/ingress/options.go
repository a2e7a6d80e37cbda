package ingress

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"
)

// Options are the flags that mean something here.
type Options struct {
	Classes            Classes
	ElectionID         string
	Elect              bool
	PublishService     string
	PublishAddress     string
	UpdateStatus       bool
	ConfigMap          string
	DefaultCertificate string
	WatchNamespace     string
	Webhook            string
	WebhookCertificate string
	WebhookKey         string
	HTTPPort           int
	HTTPSPort          int
	HealthPort         int
	HealthPath         string
	Metrics            bool
	ShutdownGrace      time.Duration
	Kubeconfig         string
}

// switches are flags that need no value.
var switches = map[string]bool{
	"watch-ingress-without-class": true, "ingress-class-by-name": true, "disable-leader-election": true, "update-status": true,
	"enable-metrics": true, "enable-ssl-passthrough": true, "report-node-internal-ip-address": true, "disable-catch-all": true,
	"enable-annotation-validation": true, "enable-topology-aware-routing": true, "metrics-per-host": true, "profiling": true,
	"update-status-on-shutdown": true, "deep-inspect": true, "disable-full-test": true, "dynamic-configuration-retries": false,
	"enable-ssl-chain-completion": true, "report-status-classes": true, "skip_headers": true, "logtostderr": true, "v": false,
	"disable-svc-external-name": true, "metrics-per-undefined-host": true, "exclude-socket-metrics": false, "disable-sync-events": true,
}

// ParseOptions reads upstream's flags; those that mean nothing here are named in the log, not refused.
func ParseOptions(words []string) (Options, error) {
	o := Options{
		Classes:      Classes{Controller: "k8s.io/ingress-nginx", Name: "nginx"},
		ElectionID:   "ingress-controller-leader",
		Elect:        true,
		UpdateStatus: true,
		HTTPPort:     80, HTTPSPort: 443, HealthPort: 10254,
		HealthPath: "/healthz",
		Metrics:    true,
	}
	disabled := false
	texts := map[string]*string{
		"controller-class": &o.Classes.Controller, "ingress-class": &o.Classes.Name, "election-id": &o.ElectionID,
		"publish-service": &o.PublishService, "publish-status-address": &o.PublishAddress, "configmap": &o.ConfigMap,
		"default-ssl-certificate": &o.DefaultCertificate, "watch-namespace": &o.WatchNamespace, "validating-webhook": &o.Webhook,
		"validating-webhook-certificate": &o.WebhookCertificate, "validating-webhook-key": &o.WebhookKey,
		"health-check-path": &o.HealthPath, "kubeconfig": &o.Kubeconfig,
	}
	truths := map[string]*bool{
		"watch-ingress-without-class": &o.Classes.WithoutClass, "ingress-class-by-name": &o.Classes.ByName,
		"disable-leader-election": &disabled, "update-status": &o.UpdateStatus, "enable-metrics": &o.Metrics,
	}
	numbers := map[string]*int{"http-port": &o.HTTPPort, "https-port": &o.HTTPSPort, "healthz-port": &o.HealthPort}
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		if !strings.HasPrefix(word, "-") {
			return o, fmt.Errorf("%q is not a flag", word)
		}
		name, value, given := strings.Cut(strings.TrimLeft(word, "-"), "=")
		isSwitch := switches[name]
		if !given && isSwitch {
			value = "true"
		} else if !given && len(words) > 0 && !strings.HasPrefix(words[0], "-") {
			value, words = words[0], words[1:]
		}
		var err error
		switch {
		case texts[name] != nil:
			*texts[name] = value
		case truths[name] != nil:
			*truths[name], err = strconv.ParseBool(value)
		case numbers[name] != nil:
			*numbers[name], err = strconv.Atoi(value)
		case name == "shutdown-grace-period":
			var seconds int
			seconds, err = strconv.Atoi(value)
			o.ShutdownGrace = time.Duration(seconds) * time.Second
		default:
			slog.Info("a flag that means nothing to this stand-in", "flag", name, "value", value)
		}
		if err != nil {
			return o, fmt.Errorf("--%s=%s: %w", name, value, err)
		}
	}
	o.Elect = !disabled
	return o, nil
}
