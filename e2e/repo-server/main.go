// repo-server: what Argo CD makes of Applications, by Argo CD's own code.
//
// Takes a request as JSON on standard input: Applications, AppProjects, the ConfigMap argocd-cm, and what the cluster
// is. Gives on standard output, for each Application, the objects that its controller would compare the cluster with
// (tracking metadata included), or why it refuses, and what its project does not permit. The manifests come from the
// real repository service (GenerateManifest), which clones over git and starts the real helm and kustomize; what the
// controller does before and after it is done here in its order, by the functions that it calls. Never asks a cluster.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
	"time"

	log "github.com/sirupsen/logrus"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/argoproj/argo-cd/v3/controller"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	repocache "github.com/argoproj/argo-cd/v3/reposerver/cache"
	"github.com/argoproj/argo-cd/v3/reposerver/metrics"
	"github.com/argoproj/argo-cd/v3/reposerver/repository"
	"github.com/argoproj/argo-cd/v3/util/argo"
	"github.com/argoproj/argo-cd/v3/util/cache"
	"github.com/argoproj/argo-cd/v3/util/db"
	"github.com/argoproj/argo-cd/v3/util/git"
	"github.com/argoproj/argo-cd/v3/util/settings"
)

const inCluster = "https://kubernetes.default.svc"

type request struct {
	Applications  []v1alpha1.Application `json:"applications"`
	Projects      []v1alpha1.AppProject  `json:"projects"`
	Configuration map[string]string      `json:"configuration"`
	KubeVersion   string                 `json:"kubeVersion"`
	APIVersions   []string               `json:"apiVersions"`
	// Kinds without a namespace, as group/Kind.
	ClusterScoped []string `json:"clusterScoped"`
}

type answer struct {
	Name       string                       `json:"name"`
	Error      string                       `json:"error,omitempty"`
	Manifests  []*unstructured.Unstructured `json:"manifests"`
	Repeated   []string                     `json:"repeated"`
	Forbidden  []string                     `json:"forbidden"`
	SourceType []string                     `json:"sourceTypes"`
}

// clusters is a database that knows one cluster.
type clusters struct{ db.ArgoDB }

func (clusters) GetCluster(_ context.Context, server string) (*v1alpha1.Cluster, error) {
	if server != inCluster {
		return nil, fmt.Errorf("there is no cluster %s", server)
	}
	return &v1alpha1.Cluster{Server: inCluster, Name: "in-cluster"}, nil
}

func (clusters) GetClusterServersByName(_ context.Context, name string) ([]string, error) {
	if name != "in-cluster" {
		return nil, nil
	}
	return []string{inCluster}, nil
}

func (clusters) GetProjectClusters(context.Context, string) ([]*v1alpha1.Cluster, error) {
	return nil, nil
}

// scopes tells which kinds live in a namespace.
type scopes map[string]bool

func (s scopes) IsNamespaced(kind schema.GroupKind) (bool, error) {
	return !s[kind.Group+"/"+kind.Kind], nil
}

type server struct {
	request  *request
	service  *repository.Service
	settings *settings.SettingsManager
	scopes   scopes
}

func main() {
	log.SetLevel(log.FatalLevel)
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "repo-server:", err)
		os.Exit(1)
	}
}

func run() error {
	var given request
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		return fmt.Errorf("reading the request: %w", err)
	}
	root, err := os.MkdirTemp("", "repo-server")
	if err != nil {
		return err
	}
	defer os.RemoveAll(root)
	inMemory := cache.NewCache(cache.NewInMemoryCache(time.Hour))
	service := repository.NewService(
		metrics.NewMetricsServer(),
		repocache.NewCache(inMemory, time.Hour, time.Hour, 10*time.Second),
		// As the flags of argocd-repo-server have them by default.
		repository.RepoServerInitConstants{
			PauseGenerationAfterFailedGenerationAttempts: 3,
			PauseGenerationOnFailureForMinutes:           60,
			SubmoduleEnabled:                             true,
			MaxCombinedDirectoryManifestsSize:            resource.MustParse("10M"),
			EnableBuiltinGitConfig:                       true,
		},
		git.NoopCredsStore{},
		root,
	)
	if err := service.Init(); err != nil {
		return err
	}
	manager := settings.NewSettingsManager(context.Background(), fake.NewClientset(
		&corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{
				Name: "argocd-cm", Namespace: "argocd",
				Labels: map[string]string{"app.kubernetes.io/part-of": "argocd"},
			},
			Data: given.Configuration,
		},
		&corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Name: "argocd-secret", Namespace: "argocd"},
			Data:       map[string][]byte{"server.secretkey": []byte("none")},
		},
	), "argocd")
	all := &server{request: &given, service: service, settings: manager, scopes: scopes{}}
	for _, kind := range given.ClusterScoped {
		all.scopes[kind] = true
	}
	// One after the other: the service lets some Applications share a work tree that others change.
	answers := make([]answer, 0, len(given.Applications))
	for i := range given.Applications {
		one := all.answer(&given.Applications[i])
		// The temporary folder's name is of no interest.
		one.Error = strings.ReplaceAll(one.Error, root, "")
		answers = append(answers, one)
	}
	return json.NewEncoder(os.Stdout).Encode(answers)
}

func (s *server) project(name string) *v1alpha1.AppProject {
	for i := range s.request.Projects {
		if s.request.Projects[i].Name == name {
			return &s.request.Projects[i]
		}
	}
	return nil
}

func (s *server) answer(app *v1alpha1.Application) answer {
	result := answer{Name: app.Name, Manifests: []*unstructured.Unstructured{}}
	if err := s.fill(app, &result); err != nil {
		result.Error = err.Error()
		result.Manifests = []*unstructured.Unstructured{}
	}
	return result
}

// fill does what the controller does for one comparison.
func (s *server) fill(app *v1alpha1.Application, result *answer) error {
	ctx := context.Background()
	// Kinds of sources that say nothing are taken away, as the controller does with what it is given.
	app.Spec = *argo.NormalizeApplicationSpec(&app.Spec)
	project := s.project(app.Spec.GetProject())
	if project == nil {
		return fmt.Errorf("there is no project %s", app.Spec.GetProject())
	}
	conditions, err := argo.ValidatePermissions(ctx, &app.Spec, project, clusters{})
	if err != nil {
		return err
	}
	for _, condition := range conditions {
		result.Forbidden = append(result.Forbidden, condition.Message)
	}
	if len(conditions) != 0 {
		return fmt.Errorf("%s", conditions[0].Message)
	}
	objects, err := s.objects(ctx, app, project, result)
	if err != nil {
		return err
	}
	unique, repeated, err := controller.DeduplicateTargetObjects(app.Spec.Destination.Namespace, objects, s.scopes)
	if err != nil {
		return err
	}
	for _, condition := range repeated {
		result.Repeated = append(result.Repeated, condition.Message)
	}
	sort.Slice(unique, func(i, j int) bool { return key(unique[i]) < key(unique[j]) })
	result.Manifests = unique
	destination := &v1alpha1.Cluster{Server: inCluster, Name: "in-cluster"}
	for _, object := range unique {
		kind := object.GroupVersionKind().GroupKind()
		namespaced, _ := s.scopes.IsNamespaced(kind)
		if !project.IsGroupKindPermitted(kind, namespaced) {
			result.Forbidden = append(result.Forbidden, key(object))
			continue
		}
		if namespaced {
			permitted, err := project.IsDestinationPermitted(destination, object.GetNamespace(), func(string) ([]*v1alpha1.Cluster, error) {
				return nil, nil
			})
			if err != nil {
				return err
			}
			if !permitted {
				result.Forbidden = append(result.Forbidden, key(object))
			}
		}
	}
	sort.Strings(result.Forbidden)
	return nil
}

func (s *server) objects(ctx context.Context, app *v1alpha1.Application, project *v1alpha1.AppProject, result *answer) ([]*unstructured.Unstructured, error) {
	tracking, err := s.settings.GetTrackingMethod()
	if err != nil {
		return nil, err
	}
	label, err := s.settings.GetAppInstanceLabelKey()
	if err != nil {
		return nil, err
	}
	installation, err := s.settings.GetInstallationID()
	if err != nil {
		return nil, err
	}
	kustomize, err := s.settings.GetKustomizeSettings()
	if err != nil {
		return nil, err
	}
	helm, err := s.settings.GetHelmSettings()
	if err != nil {
		return nil, err
	}
	enabled, err := s.settings.GetEnabledSourceTypes()
	if err != nil {
		return nil, err
	}
	sources := app.Spec.GetSources()
	repository := func(_ context.Context, url, _ string) (*v1alpha1.Repository, error) {
		return &v1alpha1.Repository{Repo: url}, nil
	}
	references, err := argo.GetRefSources(ctx, sources, app.Spec.Project, repository, nil)
	if err != nil {
		return nil, fmt.Errorf("failed to get ref sources: %w", err)
	}
	var objects []*unstructured.Unstructured
	for i := range sources {
		source := sources[i].DeepCopy()
		response, err := s.service.GenerateManifest(ctx, &apiclient.ManifestRequest{
			Repo:               &v1alpha1.Repository{Repo: source.RepoURL},
			Revision:           source.TargetRevision,
			AppLabelKey:        label,
			AppName:            app.InstanceName("argocd"),
			Namespace:          app.Spec.Destination.Namespace,
			ApplicationSource:  source,
			KustomizeOptions:   kustomize,
			KubeVersion:        s.request.KubeVersion,
			ApiVersions:        s.request.APIVersions,
			TrackingMethod:     tracking,
			EnabledSourceTypes: enabled,
			HelmOptions:        helm,
			HasMultipleSources: app.Spec.HasMultipleSources(),
			RefSources:         references,
			ProjectName:        project.Name,
			ProjectSourceRepos: project.Spec.SourceRepos,
			InstallationID:     installation,
		})
		if err != nil {
			return nil, fmt.Errorf("failed to generate manifest for source %d of %d: %w", i+1, len(sources), err)
		}
		result.SourceType = append(result.SourceType, response.SourceType)
		for _, text := range response.Manifests {
			object, err := v1alpha1.UnmarshalToUnstructured(text)
			if err != nil {
				return nil, err
			}
			objects = append(objects, object)
		}
	}
	// Kinds that the sources themselves define.
	for _, object := range objects {
		if object.GetKind() == "CustomResourceDefinition" {
			scope, _, _ := unstructured.NestedString(object.Object, "spec", "scope")
			if scope == "Cluster" {
				group, _, _ := unstructured.NestedString(object.Object, "spec", "group")
				kind, _, _ := unstructured.NestedString(object.Object, "spec", "names", "kind")
				return objects, fmt.Errorf("the test's kinds must be listed: %s/%s", group, kind)
			}
		}
	}
	return objects, normalizeClusterScope(objects, s.scopes, func(object *unstructured.Unstructured) error {
		return argo.NewResourceTracking().SetAppInstance(object, label, app.InstanceName("argocd"), app.Spec.Destination.Namespace, v1alpha1.TrackingMethod(tracking), installation)
	})
}

// normalizeClusterScope is what the controller does to objects without a namespace that name one all the same: the
// namespace goes, and the tracking metadata are set anew. (It is not exported there.)
func normalizeClusterScope(objects []*unstructured.Unstructured, known scopes, set func(*unstructured.Unstructured) error) error {
	for i := len(objects) - 1; i >= 0; i-- {
		object := objects[i]
		namespaced, _ := known.IsNamespaced(object.GroupVersionKind().GroupKind())
		if !namespaced && object.GetNamespace() != "" {
			object.SetNamespace("")
			if err := set(object); err != nil {
				return fmt.Errorf("failed to set app instance label on cluster-scoped resource: %w", err)
			}
		}
	}
	return nil
}

// key names an object.
func key(object *unstructured.Unstructured) string {
	name := object.GetName()
	if name == "" {
		name = object.GetGenerateName() + "*"
	}
	return fmt.Sprintf("%s %s %s/%s", object.GetAPIVersion(), object.GetKind(), object.GetNamespace(), name)
}
