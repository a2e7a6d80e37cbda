// applicationset-oracle DIRECTORY: the Applications that Argo CD's own ApplicationSet controller makes.
//
// Takes a folder of manifests, each file with one ApplicationSet and what it needs beside it (AppProjects, Secrets of
// clusters), and in it the folder repository, which stands for the Git repository that generators read. Gives one JSON
// object on standard output: per file the Applications and the error that the controller would write into the status.
// Never reaches a cluster or the network: the controller works on clients that keep objects in memory.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"

	log "github.com/sirupsen/logrus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	kubefake "k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/record"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/yaml"

	"github.com/argoproj/argo-cd/v3/applicationset/controllers"
	"github.com/argoproj/argo-cd/v3/applicationset/generators"
	"github.com/argoproj/argo-cd/v3/applicationset/metrics"
	"github.com/argoproj/argo-cd/v3/applicationset/utils"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/db"
	"github.com/argoproj/argo-cd/v3/util/git"
	"github.com/argoproj/argo-cd/v3/util/settings"
)

const namespace = "argocd"

// folder answers for every repository from one folder, with Git's own list of files.
type folder struct {
	root   string
	client git.Client
}

func (f folder) GetFiles(_ context.Context, url, _, _, pattern string, _, _ bool) (map[string][]byte, error) {
	if pattern == "" {
		pattern = "."
	}
	if !strings.Contains(url, "example.com") {
		return nil, fmt.Errorf("no repository %s", url)
	}
	names, err := f.client.LsFiles(pattern, false)
	if err != nil {
		return nil, err
	}
	found := map[string][]byte{}
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join(f.root, name))
		if err != nil {
			return nil, err
		}
		found[name] = content
	}
	return found, nil
}

func (f folder) GetDirectories(_ context.Context, url, _, _ string, _, _ bool) ([]string, error) {
	if !strings.Contains(url, "example.com") {
		return nil, fmt.Errorf("no repository %s", url)
	}
	var found []string
	err := filepath.WalkDir(f.root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !entry.IsDir():
			return nil
		case path == f.root:
			return nil
		case strings.HasPrefix(entry.Name(), "."):
			return filepath.SkipDir
		}
		relative, err := filepath.Rel(f.root, path)
		found = append(found, relative)
		return err
	})
	return found, err
}

// result is what becomes of one file.
type result struct {
	Applications []map[string]any `json:"applications"`
	Error        string           `json:"error,omitempty"`
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "applicationset-oracle:", err)
		os.Exit(1)
	}
}

func run(path string, repository folder) (result, error) {
	ctx := context.Background()
	scheme := runtime.NewScheme()
	if err := errors.Join(v1alpha1.AddToScheme(scheme), corev1.AddToScheme(scheme)); err != nil {
		return result{}, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return result{}, err
	}
	var set v1alpha1.ApplicationSet
	project := v1alpha1.AppProject{ObjectMeta: metav1.ObjectMeta{Name: "default", Namespace: namespace}}
	objects := []client.Object{&project}
	secrets := []runtime.Object{
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "argocd-cm", Namespace: namespace, Labels: map[string]string{"app.kubernetes.io/part-of": "argocd"}}},
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "argocd-secret", Namespace: namespace, Labels: map[string]string{"app.kubernetes.io/part-of": "argocd"}}, Data: map[string][]byte{"server.secretkey": []byte("x")}},
	}
	for _, document := range strings.Split("\n"+string(text), "\n---") {
		var kind metav1.TypeMeta
		if err := yaml.Unmarshal([]byte(document), &kind); err != nil {
			return result{}, err
		}
		switch kind.Kind {
		case "ApplicationSet":
			if err := yaml.UnmarshalStrict([]byte(document), &set); err != nil {
				return result{Error: err.Error()}, nil
			}
		case "AppProject":
			one := &v1alpha1.AppProject{}
			if err := yaml.UnmarshalStrict([]byte(document), one); err != nil {
				return result{}, err
			}
			one.Namespace = namespace
			objects = append(objects, one)
		case "Secret":
			one := &corev1.Secret{}
			if err := yaml.UnmarshalStrict([]byte(document), one); err != nil {
				return result{}, err
			}
			one.Namespace = namespace
			one.Data = map[string][]byte{}
			for key, value := range one.StringData {
				one.Data[key] = []byte(value)
			}
			one.StringData = nil
			objects = append(objects, one)
			secrets = append(secrets, one.DeepCopy())
		}
	}
	set.Namespace = namespace
	set.UID = "1"
	objects = append(objects, &set)
	owner := func(object client.Object) []string {
		if owner := metav1.GetControllerOf(object); owner != nil {
			return []string{owner.Name}
		}
		return nil
	}
	kube := kubefake.NewClientset(secrets...)
	memory := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithStatusSubresource(&set).
		WithIndex(&v1alpha1.Application{}, ".metadata.controller", owner).Build()
	reconciler := controllers.ApplicationSetReconciler{
		Client:          memory,
		Scheme:          scheme,
		Renderer:        &utils.Render{},
		Recorder:        record.NewFakeRecorder(10000),
		Generators:      generators.GetGenerators(ctx, memory, kube, namespace, repository, nil, generators.SCMConfig{}),
		ArgoDB:          db.NewDB(namespace, settings.NewSettingsManager(ctx, kube, namespace), kube),
		KubeClientset:   kube,
		Policy:          v1alpha1.ApplicationsSyncPolicySync,
		ArgoCDNamespace: namespace,
		Metrics:         metrics.NewFakeAppsetMetrics(),
	}
	request := ctrl.Request{NamespacedName: types.NamespacedName{Namespace: namespace, Name: set.Name}}
	out := result{Applications: []map[string]any{}}
	if _, err := reconciler.Reconcile(ctx, request); err != nil {
		out.Error = err.Error()
	}
	var after v1alpha1.ApplicationSet
	if err := memory.Get(ctx, request.NamespacedName, &after); err != nil {
		return result{}, err
	}
	for _, condition := range after.Status.Conditions {
		if condition.Type == v1alpha1.ApplicationSetConditionErrorOccurred && condition.Status == v1alpha1.ApplicationSetConditionStatusTrue && out.Error == "" {
			out.Error = condition.Message
		}
	}
	var list v1alpha1.ApplicationList
	if err := memory.List(ctx, &list); err != nil {
		return result{}, err
	}
	sort.Slice(list.Items, func(left, right int) bool { return list.Items[left].Name < list.Items[right].Name })
	for _, application := range list.Items {
		encoded, err := json.Marshal(application)
		if err != nil {
			return result{}, err
		}
		var object map[string]any
		if err := json.Unmarshal(encoded, &object); err != nil {
			return result{}, err
		}
		// What the cluster adds is no matter of templates.
		delete(object, "status")
		metadata := object["metadata"].(map[string]any)
		for _, key := range []string{"resourceVersion", "creationTimestamp", "ownerReferences"} {
			delete(metadata, key)
		}
		object["apiVersion"], object["kind"] = "argoproj.io/v1alpha1", "Application"
		out.Applications = append(out.Applications, object)
	}
	return out, nil
}

func main() {
	log.SetOutput(io.Discard)
	log.SetLevel(log.PanicLevel)
	klog.SetOutput(io.Discard)
	log.SetLevel(log.PanicLevel)
	klog.LogToStderr(false)
	ctrllog.SetLogger(zap.New(zap.WriteTo(io.Discard)))
	if len(os.Args) != 2 {
		check(errors.New("usage: applicationset-oracle DIRECTORY"))
	}
	root, err := os.MkdirTemp("", "applicationset-oracle")
	check(err)
	defer os.RemoveAll(root)
	check(os.CopyFS(root, os.DirFS(filepath.Join(os.Args[1], "repository"))))
	for _, arguments := range [][]string{{"init", "-q"}, {"add", "-A", "-f"}} {
		command := exec.Command("git", arguments...)
		command.Dir = root
		if output, err := command.CombinedOutput(); err != nil {
			check(fmt.Errorf("git %v: %w: %s", arguments, err, output))
		}
	}
	access, err := git.NewClientExt("https://example.com/platform.git", root, git.NopCreds{}, false, false, "", "")
	check(err)
	files, err := filepath.Glob(filepath.Join(os.Args[1], "*.yaml"))
	check(err)
	all := map[string]result{}
	for _, file := range files {
		one, err := run(file, folder{root: root, client: access})
		if err != nil {
			check(fmt.Errorf("%s: %w", file, err))
		}
		all[filepath.Base(file)] = one
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	check(encoder.Encode(all))
}
