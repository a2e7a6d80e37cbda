//! "Did you mean": takes a name that is not known and the known ones, gives the nearest, never a
//! far-fetched one.

/// Returns the known name that is nearest to a misspelt one, where one is near enough.
pub(crate) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let folded = name.to_lowercase();
    known
        .into_iter()
        .filter(|candidate| *candidate != name)
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, candidate)| {
            let length = name.chars().count().max(candidate.chars().count());
            // A third of the letters may be wrong; of two letters none.
            *distance * 3 <= length
        })
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        let known = ["portal", "postgres", "prometheus"];
        assert_eq!(nearest("portl", known), Some("portal"));
        assert_eq!(nearest("protal", known), Some("portal"));
        assert_eq!(nearest("Postgres", known), Some("postgres"));
        assert_eq!(nearest("grafana", known), None);
        assert_eq!(nearest("x", known), None);
    }
}
