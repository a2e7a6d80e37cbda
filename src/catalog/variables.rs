//! The variables that Argo CD gives to what renders a source: takes an Application and its source,
//! gives names and values, never reads the environment.

/// The variables of one source, in Argo CD's order.
#[derive(Debug, Clone, Default)]
pub(super) struct Variables {
    pub(super) application: String,
    pub(super) namespace: String,
    pub(super) project: String,
    pub(super) url: String,
    pub(super) path: String,
    pub(super) target_revision: String,
    /// The commit, where it is known.
    pub(super) commit: Option<String>,
}

impl Variables {
    /// Returns all names and values; those that depend on an unknown commit are left out.
    pub(super) fn all(&self) -> Vec<(&'static str, String)> {
        let mut all = vec![
            ("ARGOCD_APP_NAME", self.application.clone()),
            ("ARGOCD_APP_NAMESPACE", self.namespace.clone()),
            ("ARGOCD_APP_PROJECT_NAME", self.project.clone()),
        ];
        if let Some(commit) = &self.commit {
            let short = |length: usize| commit.chars().take(length).collect::<String>();
            all.push(("ARGOCD_APP_REVISION", commit.clone()));
            all.push(("ARGOCD_APP_REVISION_SHORT", short(7)));
            all.push(("ARGOCD_APP_REVISION_SHORT_8", short(8)));
        }
        all.push(("ARGOCD_APP_SOURCE_REPO_URL", self.url.clone()));
        all.push(("ARGOCD_APP_SOURCE_PATH", self.path.clone()));
        all.push((
            "ARGOCD_APP_SOURCE_TARGET_REVISION",
            self.target_revision.clone(),
        ));
        all
    }

    /// Returns what a name stands for: nothing where Argo CD has no such variable. The error is the
    /// name of one that depends on an unknown commit.
    pub(super) fn value_of(&self, name: &str) -> Result<String, String> {
        if self.commit.is_none() && name.starts_with("ARGOCD_APP_REVISION") {
            return Err(name.to_owned());
        }
        let found = self.all().into_iter().find(|(known, _)| *known == name);
        Ok(found.map(|(_, value)| value).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_are_shortened_and_told_where_unknown() {
        let mut variables = Variables {
            application: "portal".to_owned(),
            ..Variables::default()
        };
        let name = "ARGOCD_APP_REVISION_SHORT";
        assert_eq!(
            variables.value_of("ARGOCD_APP_NAME").as_deref(),
            Ok("portal")
        );
        assert_eq!(variables.value_of("HOME").as_deref(), Ok(""));
        assert_eq!(variables.value_of(name), Err(name.to_owned()));
        variables.commit = Some("0123456789abcdef".to_owned());
        assert_eq!(variables.value_of(name).as_deref(), Ok("0123456"));
    }
}
