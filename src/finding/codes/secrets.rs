//! What is wrong with the specifications of secrets.

super::codes! {
    INVALID_SECRETS_SPECIFICATION = "invalid-secrets-specification", [Error] {
        title: "a secrets.yaml that cannot be understood, or contradicts itself",
        why: "The specification says for each key of a service's secret where its value comes from: \
              copied from another service, generated, fixed, or given by a person. Where it cannot be \
              understood, nobody knows whether the secret is complete.",
        example: "a key with both `copy` and `generate`, or `genrate` instead of `generate`",
        mend: "the message names the key and what is expected",
    }
    SECRET_COPY_DANGLING = "secret-copy-dangling", [Error] {
        title: "a secret is copied from a service or a key that is not there",
        why: "The value can never be resolved in this environment: the service that it is copied from \
              is not enabled, or does not have the key. The secret in Vault stays incomplete, and pods \
              that need the key do not start.",
        example: "`copy: {application: gafaelfawr, key: redis-passwrd}`",
        mend: "copy from a key that the other service has here, or give the copy an `if` that is true only \
               where the other service is enabled",
    }
    SECRET_CYCLE = "secret-cycle", [Error] {
        title: "secrets that are copied or made from each other in a circle",
        why: "None of them has a value to begin with.",
        mend: "let one of them be generated, or given by a person",
    }
    SECRET_CONDITION_UNKNOWN = "secret-condition-unknown", [Warning] {
        title: "an `if` names a value that the service does not have",
        why: "A condition that is never true leaves its secret out everywhere, mostly because a value \
              was renamed and the specification was forgotten.",
        mend: "name a value of the service's values.yaml",
    }
    SECRET_NOT_SPECIFIED = "secret-not-specified", [Info] {
        title: "a VaultSecret asks for a secret or a key that no specification speaks of",
        why: "Whether Vault has it is known to nobody: it was put there by hand.",
        mend: "add the key to the service's secrets.yaml",
    }
    SECRET_NOT_ASKED_FOR = "secret-not-asked-for", [Info] {
        title: "a specification of secrets that no VaultSecret asks for",
        why: "It is put into Vault, and nothing in the cluster takes it from there.",
        mend: "remove what nobody needs any more",
    }
}
