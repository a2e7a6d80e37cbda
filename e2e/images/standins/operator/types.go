package operator

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// version is the API of VaultSecret.
var version = schema.GroupVersion{Group: "ricoberger.de", Version: "v1alpha1"}

// Spec says which secret of Vault becomes a Secret, and how.
type Spec struct {
	VaultRole         string            `json:"vaultRole,omitempty"`
	VaultNamespace    string            `json:"vaultNamespace,omitempty"`
	ReconcileStrategy string            `json:"reconcileStrategy,omitempty"`
	Keys              []string          `json:"keys,omitempty"`
	Templates         map[string]string `json:"templates,omitempty"`
	Path              string            `json:"path"`
	SecretEngine      string            `json:"secretEngine,omitempty"`
	EngineOptions     map[string]string `json:"engineOptions,omitempty"`
	Role              string            `json:"role,omitempty"`
	Type              corev1.SecretType `json:"type"`
	Version           int               `json:"version,omitempty"`
	IsBinary          bool              `json:"isBinary,omitempty"`
}

// VaultSecret is one such wish and what became of it.
type VaultSecret struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec   Spec `json:"spec,omitempty"`
	Status struct {
		Conditions []metav1.Condition `json:"conditions,omitempty"`
	} `json:"status,omitempty"`
}

// VaultSecretList is a list of them.
type VaultSecretList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []VaultSecret `json:"items"`
}

// DeepCopyObject returns a copy that shares nothing that is ever changed in place.
func (v *VaultSecret) DeepCopyObject() runtime.Object {
	copied := *v
	v.ObjectMeta.DeepCopyInto(&copied.ObjectMeta)
	copied.Status.Conditions = append([]metav1.Condition(nil), v.Status.Conditions...)
	return &copied
}

// DeepCopyObject returns a list of copies.
func (l *VaultSecretList) DeepCopyObject() runtime.Object {
	copied := *l
	copied.Items = make([]VaultSecret, len(l.Items))
	for i := range l.Items {
		copied.Items[i] = *l.Items[i].DeepCopyObject().(*VaultSecret)
	}
	return &copied
}

func register(scheme *runtime.Scheme) {
	scheme.AddKnownTypes(version, &VaultSecret{}, &VaultSecretList{})
	metav1.AddToGroupVersion(scheme, version)
}
