//! Along which index letters are looked for.

use crate::{LetterFilter, codes};

/// The column whose index leads to the letters; each index goes on by the time of death.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LetterLead {
    /// None: all letters, by the time of death.
    Age,
    /// The jobs are named.
    Jobs,
    /// The letter's state.
    State,
    /// The queue.
    Queue,
    /// The kind.
    Kind,
    /// The error class.
    ErrorClass,
    /// The tenant.
    Tenant,
    /// The stage.
    Stage,
    /// The reason code.
    Reason,
}

impl LetterLead {
    /// Every column that has an index of its own, as a store weighs them.
    pub const COLUMNS: [Self; 7] = [
        Self::State,
        Self::Queue,
        Self::Kind,
        Self::ErrorClass,
        Self::Tenant,
        Self::Stage,
        Self::Reason,
    ];

    /// The only way to go, if the filter leaves no choice.
    #[must_use]
    pub fn only(filter: &LetterFilter) -> Option<Self> {
        if filter.jobs.is_some() {
            return Some(Self::Jobs);
        }
        let mut asked = Self::COLUMNS.iter().filter(|lead| lead.is_asked(filter));
        match (asked.next(), asked.next()) {
            (None, _) => Some(Self::Age),
            (Some(one), None) => Some(*one),
            _ => None,
        }
    }

    /// The column that the fewest letters meet; `weights` are in the order of [`Self::COLUMNS`].
    #[must_use]
    pub fn lightest(filter: &LetterFilter, weights: &[i64]) -> Self {
        let asked = Self::COLUMNS.iter().zip(weights);
        let asked = asked.filter(|(lead, _)| lead.is_asked(filter));
        asked
            .min_by_key(|(_, weight)| **weight)
            .map_or(Self::Age, |(lead, _)| *lead)
    }

    fn is_asked(self, filter: &LetterFilter) -> bool {
        match self {
            Self::Age => true,
            Self::Jobs => filter.jobs.is_some(),
            Self::State => filter.state.is_some(),
            _ => self.text(filter).is_some(),
        }
    }

    /// What the filter asks of a column of text.
    #[must_use]
    pub fn text(self, filter: &LetterFilter) -> Option<&str> {
        match self {
            Self::Age | Self::Jobs | Self::State => None,
            Self::Queue => filter.queue.as_ref().map(AsRef::as_ref),
            Self::Kind => filter.kind.as_ref().map(AsRef::as_ref),
            Self::ErrorClass => filter.error_class.as_ref().map(AsRef::as_ref),
            Self::Tenant => filter.tenant.as_ref().map(AsRef::as_ref),
            Self::Stage => filter.stage.as_ref().map(AsRef::as_ref),
            Self::Reason => filter.reason.as_ref().map(AsRef::as_ref),
        }
    }

    /// What the filter asks of the state, as stored.
    #[must_use]
    pub fn state(filter: &LetterFilter) -> Option<i16> {
        filter.state.map(codes::letter_code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorClass, LetterState, TenantName};

    #[test]
    fn the_rarest_of_what_is_asked_leads() {
        let mut filter = LetterFilter::default();
        assert_eq!(LetterLead::only(&filter), Some(LetterLead::Age));
        filter.error_class = Some(ErrorClass::network_timeout());
        assert_eq!(LetterLead::only(&filter), Some(LetterLead::ErrorClass));
        filter.state = Some(LetterState::Open);
        filter.tenant = Some(TenantName::new("acme").unwrap());
        assert_eq!(LetterLead::only(&filter), None);
        let weights = [9, 0, 0, 7, 8, 0, 0];
        let lead = LetterLead::lightest(&filter, &weights);
        assert_eq!(
            lead,
            LetterLead::ErrorClass,
            "what is not asked weighs nothing"
        );
    }
}
