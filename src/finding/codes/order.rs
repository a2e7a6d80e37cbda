//! What cannot be brought into an order, or is in the wrong one.

super::codes! {
    CYCLE = "cycle", [Error] {
        title: "services that wait for each other",
        why: "Each of them needs something of the next one before it can be ready, so on an empty \
              cluster none can begin. Where an earlier installation left something behind it may \
              have worked. The finding tells each step with its evidence and names what could be \
              dropped.",
        example: "vault needs its certificate from cert-manager, and cert-manager's DNS token comes from vault",
        mend: "drop a declared dependency, or split a service so that the part that the other one needs stands alone",
    }
    IN_TWO_PARTS = "in-two-parts", [Info] {
        title: "services that need each other, one of which is written in two parts",
        why: "One of them only needs the Namespaces or CustomResourceDefinitions of the other, and these \
              need nothing. So they are written first, then the one that needs them, then the rest. \
              Argo CD knows no such order: its waves hold whole Applications.",
        example: "an operator ships the kind of an object in cert-manager, and has a Certificate itself",
        mend: "nothing has to be done; for Argo CD, put the definitions into an Application of their own",
    }
    HOOK_NEEDS_LATER_OBJECT = "hook-needs-later-object", [Error] {
        title: "a hook needs something that the same service brings only after it",
        why: "Argo CD and Helm finish the hooks of a phase before they write what comes later. A hook \
              whose pods need a ServiceAccount, a Role, a ConfigMap, a Secret or a volume of a later step \
              never ends on an empty cluster. It works on every cluster where an earlier version left \
              the object behind, so it is found when a cluster is built anew.",
        example: "a Job with helm.sh/hook: pre-install and serviceAccountName: app, and the ServiceAccount app is an ordinary object",
        mend: "make the object a hook of the same phase with a lower weight, or run the hook in the phase Sync with a later wave",
    }
    WEBHOOK_BLOCKS_ITSELF = "webhook-blocks-itself", [Error] {
        title: "an admission webhook with failurePolicy: Fail that also stands before the pods that answer it",
        why: "Until the webhook answers, the API server refuses every object that it matches. Where it \
              matches the very pods that answer it, they can never be made: neither at first, nor after \
              all of them were lost at once, as when nodes are replaced.",
        example: "a webhook for pods in all namespaces, served by a Deployment in one of them",
        mend: "leave its own namespace or pods out by namespaceSelector or objectSelector, or set failurePolicy: Ignore",
    }
    WAVE_TOO_EARLY = "wave-too-early", [Warning] {
        title: "the sync wave of an Application contradicts the order that was found",
        why: "When Argo CD synchronises the whole platform, it knows no other order than the waves on \
              its Applications. firstlight goes by the needs, so an installation is not harmed, but the \
              next synchronisation of everything may fail.",
        mend: "give the Application a later wave than what it waits for",
    }
    WAVE_MISSING = "wave-missing", [Warning] {
        title: "an Application has no sync wave, and waits for another that is not in an earlier one",
        why: "Other Applications have waves, so Argo CD is meant to know the order; one without counts \
              as wave 0. When everything is synchronised at once, it starts together with, or before, \
              what it needs.",
        mend: "give the Application the wave that is told; `firstlight graph ENV --write-waves` enters it",
    }
    WAVES_WITHOUT_HEALTH = "waves-without-health", [Warning] {
        title: "Applications have sync waves, but Argo CD does not assess the health of Applications",
        why: "Argo CD goes on to the next wave when all of the one before is healthy. Since 1.8 it takes \
              an Application for healthy as soon as it is written, unless `argocd-cm` has the health \
              check for argoproj.io/Application that its documentation gives. Without it, waves on \
              Applications mean next to nothing.",
        mend: "set `resource.customizations.health.argoproj.io_Application` in argocd-cm",
    }
    DUPLICATE_OBJECT = "duplicate-object", [Error, Warning] {
        title: "one object in two services; warning where one service has it twice",
        why: "Two Applications that both have an object take it from each other for ever, each \
              showing the other's version as a difference, and the deletion of one deletes the object of \
              the other. Within one service the last one wins silently.",
        mend: "keep one of them",
    }
}
