package ingress

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	admission "k8s.io/api/admission/v1"
	networking "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Check refuses an Ingress that would not work: a path that another one has, a service without a port, a pattern
// that is none.
func Check(ingress *networking.Ingress, state State, classes Classes) error {
	if !classes.Ours(ingress, state.Classes) {
		return nil
	}
	patterns := ingress.Annotations[annotationPrefix+"rewrite-target"] != "" || flag(ingress.Annotations[annotationPrefix+"use-regex"], false)
	for _, rule := range ingress.Spec.Rules {
		if rule.HTTP == nil {
			continue
		}
		for _, path := range rule.HTTP.Paths {
			if patterns {
				if _, err := regexp.Compile(path.Path); err != nil {
					return fmt.Errorf("ingress contains invalid path %q: %w", path.Path, err)
				}
			} else if strings.ContainsAny(path.Path, "{};\n\"'") {
				return fmt.Errorf("ingress contains invalid path %q", path.Path)
			}
			if other := owner(ingress, rule.Host, path, state, classes); other != "" {
				return fmt.Errorf("host %q and path %q is already defined in ingress %s", rule.Host, path.Path, other)
			}
		}
	}
	for name, value := range ingress.Annotations {
		if strings.HasPrefix(name, annotationPrefix) && strings.HasSuffix(name, "-snippet") {
			return fmt.Errorf("%s annotation cannot be used. Snippet directives are disabled by the Ingress administrator", name)
		}
		if strings.HasPrefix(name, annotationPrefix) && strings.ContainsAny(value, "\n\r") && !strings.Contains(name, "auth") {
			return fmt.Errorf("annotation %s contains invalid value", name)
		}
	}
	return nil
}

// owner is the other Ingress that already has this host and path.
func owner(ingress *networking.Ingress, host string, path networking.HTTPIngressPath, state State, classes Classes) string {
	for _, other := range state.Ingresses {
		same := other.Namespace == ingress.Namespace && other.Name == ingress.Name
		if same || other.DeletionTimestamp != nil || !classes.Ours(&other, state.Classes) {
			continue
		}
		for _, rule := range other.Spec.Rules {
			if rule.Host != host || rule.HTTP == nil {
				continue
			}
			for _, candidate := range rule.HTTP.Paths {
				if candidate.Path == path.Path && kind(candidate) == kind(path) {
					return other.Namespace + "/" + other.Name
				}
			}
		}
	}
	return ""
}

func kind(path networking.HTTPIngressPath) networking.PathType {
	if path.PathType == nil {
		return networking.PathTypeImplementationSpecific
	}
	return *path.PathType
}

// reviewer answers the API server's admission reviews with what check says.
func reviewer(check func(*networking.Ingress) error) http.HandlerFunc {
	return func(answer http.ResponseWriter, request *http.Request) {
		var review admission.AdmissionReview
		if err := json.NewDecoder(http.MaxBytesReader(answer, request.Body, 8<<20)).Decode(&review); err != nil || review.Request == nil {
			http.Error(answer, "an AdmissionReview is expected", http.StatusBadRequest)
			return
		}
		verdict := &admission.AdmissionResponse{UID: review.Request.UID, Allowed: true}
		var ingress networking.Ingress
		err := json.Unmarshal(review.Request.Object.Raw, &ingress)
		if err == nil {
			err = check(&ingress)
		}
		if err != nil && review.Request.Operation != admission.Delete {
			verdict.Allowed = false
			verdict.Result = &metav1.Status{Status: metav1.StatusFailure, Code: http.StatusBadRequest, Reason: metav1.StatusReasonBadRequest, Message: err.Error()}
		}
		answer.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(answer).Encode(admission.AdmissionReview{TypeMeta: review.TypeMeta, Response: verdict})
	}
}
