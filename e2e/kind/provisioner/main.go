// A provisioner of node-local volumes: takes PersistentVolumeClaims of its classes, gives each a
// folder below -root as a local PersistentVolume, takes the folder away with the volume.
//
// It serves a cluster of one node and must run on that node; it enforces no size.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
)

const (
	selectedNode  = "volume.kubernetes.io/selected-node"
	provisionedBy = "pv.kubernetes.io/provisioned-by"
)

type provisioner struct {
	client  kubernetes.Interface
	shared  informers.SharedInformerFactory
	name    string
	root    string
	queue   workqueue.TypedRateLimitingInterface[item]
	timeout time.Duration
}

// An item is a claim (with a namespace) or a volume (without).
type item struct{ namespace, name string }

func main() {
	name := flag.String("name", "firstlight.dev/local", "name of the provisioner in StorageClasses")
	root := flag.String("root", "/var/local-volumes", "folder on the node that holds the volumes")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	config, err := rest.InClusterConfig()
	if err != nil {
		klog.Fatal(err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		klog.Fatal(err)
	}
	shared := informers.NewSharedInformerFactory(client, 0)
	limiter := workqueue.NewTypedItemExponentialFailureRateLimiter[item](200*time.Millisecond, 10*time.Second)
	p := &provisioner{
		client: client, shared: shared, name: *name, root: *root,
		queue:   workqueue.NewTypedRateLimitingQueue(limiter),
		timeout: 30 * time.Second,
	}
	p.watch(shared.Core().V1().PersistentVolumeClaims().Informer())
	p.watch(shared.Core().V1().PersistentVolumes().Informer())
	shared.Storage().V1().StorageClasses().Informer()
	shared.Start(ctx.Done())
	shared.WaitForCacheSync(ctx.Done())
	go func() { <-ctx.Done(); p.queue.ShutDown() }()
	for {
		next, done := p.queue.Get()
		if done {
			return
		}
		p.work(ctx, next)
	}
}

func (p *provisioner) watch(informer cache.SharedIndexInformer) {
	add := func(object any) {
		if with, ok := object.(meta.Object); ok {
			p.queue.Add(item{with.GetNamespace(), with.GetName()})
		}
	}
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    add,
		UpdateFunc: func(_, object any) { add(object) },
	})
	if err != nil {
		klog.Fatal(err)
	}
}

func (p *provisioner) work(ctx context.Context, next item) {
	defer p.queue.Done(next)
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	var err error
	if next.namespace == "" {
		err = p.reclaim(ctx, next.name)
	} else {
		err = p.provision(ctx, next)
	}
	if err != nil {
		klog.ErrorS(err, "will try again", "namespace", next.namespace, "name", next.name)
		p.queue.AddRateLimited(next)
		return
	}
	p.queue.Forget(next)
}

// provision makes the folder and the volume of a claim that waits for one on its chosen node.
func (p *provisioner) provision(ctx context.Context, of item) error {
	claim, err := p.shared.Core().V1().PersistentVolumeClaims().Lister().PersistentVolumeClaims(of.namespace).Get(of.name)
	if apierrors.IsNotFound(err) {
		return nil
	} else if err != nil {
		return err
	}
	node := claim.Annotations[selectedNode]
	if claim.DeletionTimestamp != nil || claim.Spec.VolumeName != "" || claim.Spec.StorageClassName == nil || node == "" {
		return nil
	}
	class, err := p.shared.Storage().V1().StorageClasses().Lister().Get(*claim.Spec.StorageClassName)
	if err != nil {
		return err
	}
	if class.Provisioner != p.name {
		return nil
	}
	if claim.Spec.VolumeMode != nil && *claim.Spec.VolumeMode == core.PersistentVolumeBlock {
		return errors.New("block volumes are not served")
	}
	name := fmt.Sprintf("pvc-%s", claim.UID)
	path := filepath.Join(p.root, name)
	if err := os.MkdirAll(path, 0o777); err != nil {
		return err
	}
	// MkdirAll obeys the umask; pods that do not run as root must be able to write.
	if err := os.Chmod(path, 0o777); err != nil {
		return err
	}
	reclaim := core.PersistentVolumeReclaimDelete
	if class.ReclaimPolicy != nil {
		reclaim = *class.ReclaimPolicy
	}
	volume := &core.PersistentVolume{
		ObjectMeta: meta.ObjectMeta{Name: name, Annotations: map[string]string{provisionedBy: p.name}},
		Spec: core.PersistentVolumeSpec{
			AccessModes:                   claim.Spec.AccessModes,
			Capacity:                      core.ResourceList{core.ResourceStorage: claim.Spec.Resources.Requests[core.ResourceStorage]},
			PersistentVolumeReclaimPolicy: reclaim,
			StorageClassName:              class.Name,
			VolumeMode:                    claim.Spec.VolumeMode,
			PersistentVolumeSource:        core.PersistentVolumeSource{Local: &core.LocalVolumeSource{Path: path}},
			ClaimRef: &core.ObjectReference{
				APIVersion: "v1", Kind: "PersistentVolumeClaim", UID: claim.UID,
				Namespace: claim.Namespace, Name: claim.Name, ResourceVersion: claim.ResourceVersion,
			},
			NodeAffinity: &core.VolumeNodeAffinity{Required: &core.NodeSelector{NodeSelectorTerms: []core.NodeSelectorTerm{{
				MatchExpressions: []core.NodeSelectorRequirement{{
					Key: core.LabelHostname, Operator: core.NodeSelectorOpIn, Values: []string{node},
				}},
			}}}},
		},
	}
	_, err = p.client.CoreV1().PersistentVolumes().Create(ctx, volume, meta.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	klog.InfoS("made a volume", "name", name, "claim", klog.KObj(claim), "node", node)
	return nil
}

// reclaim deletes a volume of ours whose claim is gone, folder first.
func (p *provisioner) reclaim(ctx context.Context, name string) error {
	volume, err := p.shared.Core().V1().PersistentVolumes().Lister().Get(name)
	if apierrors.IsNotFound(err) {
		return nil
	} else if err != nil {
		return err
	}
	if volume.Annotations[provisionedBy] != p.name || volume.Status.Phase != core.VolumeReleased ||
		volume.Spec.PersistentVolumeReclaimPolicy != core.PersistentVolumeReclaimDelete || volume.Spec.Local == nil {
		return nil
	}
	if filepath.Dir(volume.Spec.Local.Path) != filepath.Clean(p.root) {
		return fmt.Errorf("%s lies outside %s", volume.Spec.Local.Path, p.root)
	}
	if err := os.RemoveAll(volume.Spec.Local.Path); err != nil {
		return err
	}
	err = p.client.CoreV1().PersistentVolumes().Delete(ctx, name, meta.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		return err
	}
	klog.InfoS("took a volume away", "name", name)
	return nil
}
