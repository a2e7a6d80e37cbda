package operator

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

const finalizer = "vaultsecrets.ricoberger.de/finalizer"

// Reconciler makes Secrets of VaultSecrets.
type Reconciler struct {
	Client client.Client
	Vault  *Vault
	// Again is the time after which every VaultSecret is looked at anew; zero means never.
	Again time.Duration
}

// Reconcile does one VaultSecret; an error brings it back after a while that grows.
func (r *Reconciler) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	var wish VaultSecret
	if err := r.Client.Get(ctx, request.NamespacedName, &wish); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	if wish.DeletionTimestamp != nil {
		if controllerutil.RemoveFinalizer(&wish, finalizer) {
			return reconcile.Result{}, client.IgnoreNotFound(r.Client.Update(ctx, &wish))
		}
		return reconcile.Result{}, nil
	}
	if controllerutil.AddFinalizer(&wish, finalizer) {
		if err := r.Client.Update(ctx, &wish); err != nil {
			return reconcile.Result{}, err
		}
	}
	reason, message, err := r.secret(ctx, &wish)
	if err != nil {
		return reconcile.Result{}, errors.Join(err, r.condition(ctx, &wish, reason, err.Error(), metav1.ConditionFalse))
	}
	if reason != "" {
		err = r.condition(ctx, &wish, reason, message, metav1.ConditionTrue)
	}
	if apierrors.IsConflict(err) {
		// What was read is older than what is there; the next look sees more.
		return reconcile.Result{RequeueAfter: 200 * time.Millisecond}, nil
	}
	if err != nil {
		return reconcile.Result{}, err
	}
	return reconcile.Result{RequeueAfter: r.Again}, nil
}

// secret writes the Secret where it is missing or differs; the reason is empty where nothing was to be done.
func (r *Reconciler) secret(ctx context.Context, wish *VaultSecret) (reason, message string, err error) {
	if engine := wish.Spec.SecretEngine; engine != "" && engine != "kv" {
		return "InvalidResource", "", fmt.Errorf("secretEngine %q: this stand-in knows kv", engine)
	}
	if wish.Spec.Path == "" {
		return "InvalidResource", "", errors.New("path is missing")
	}
	data, err := r.Vault.Read(ctx, wish.Spec)
	if err != nil {
		return "FetchFailed", "", err
	}
	if data, err = Render(wish, data); err != nil {
		return "CreateFailed", "", err
	}
	wanted := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: wish.Name, Namespace: wish.Namespace, Labels: wish.Labels, Annotations: wish.Annotations},
		Data:       data,
		Type:       wish.Spec.Type,
	}
	if wanted.Type == "" {
		wanted.Type = corev1.SecretTypeOpaque
	}
	if err := controllerutil.SetControllerReference(wish, wanted, r.Client.Scheme()); err != nil {
		return "CreateFailed", "", err
	}
	var found corev1.Secret
	err = r.Client.Get(ctx, client.ObjectKeyFromObject(wanted), &found)
	if apierrors.IsNotFound(err) {
		if err := r.Client.Create(ctx, wanted); err != nil {
			return "CreateFailed", "", err
		}
		return "Created", "Secret was created", nil
	}
	if err != nil {
		return "CreateFailed", "", err
	}
	failed := "UpdateFailed"
	if wish.Spec.ReconcileStrategy == "Merge" {
		failed = "MergeFailed"
		for key, value := range found.Data {
			if _, given := wanted.Data[key]; !given {
				wanted.Data[key] = value
			}
		}
	}
	if same(wanted, &found) && settled(wish) {
		return "", "", nil
	}
	if err := r.Client.Update(ctx, wanted); err != nil {
		return failed, "", err
	}
	return "Updated", "Secret was updated", nil
}

func same(wanted, found *corev1.Secret) bool {
	return wanted.Type == found.Type && equality.Semantic.DeepEqual(wanted.Data, found.Data) &&
		equality.Semantic.DeepEqual(wanted.Labels, found.Labels) && equality.Semantic.DeepEqual(wanted.Annotations, found.Annotations)
}

// settled tells that the status already says that all is well.
func settled(wish *VaultSecret) bool {
	conditions := wish.Status.Conditions
	return len(conditions) == 1 && conditions[0].Status == metav1.ConditionTrue && conditions[0].ObservedGeneration == wish.Generation
}

// condition writes the status; an unchanged failure keeps its words and is not written again.
func (r *Reconciler) condition(ctx context.Context, wish *VaultSecret, reason, message string, status metav1.ConditionStatus) error {
	next := metav1.Condition{
		Type: "SecretCreated", Status: status, ObservedGeneration: wish.Generation, LastTransitionTime: metav1.Now(), Reason: reason, Message: message,
	}
	if len(wish.Status.Conditions) == 1 {
		last := wish.Status.Conditions[0]
		last.LastTransitionTime = next.LastTransitionTime
		if last == next {
			return nil
		}
	}
	wish.Status.Conditions = []metav1.Condition{next}
	return client.IgnoreNotFound(r.Client.Status().Update(ctx, wish))
}

var _ reconcile.Reconciler = (*Reconciler)(nil)

var logger = ctrl.Log.WithName("vault")
