//! The contracts of kinds: what a payload and a result must keep.

use std::collections::BTreeMap;

use super::{InvalidJob, Job};
use crate::contract::{Contract, ReadContext, Rejection};
use crate::{CORRELATION_ID, Code, Completion, Headers, JobError, KindName, NewJob, Payload};

/// What is known of kinds, by their names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Contracts {
    of: BTreeMap<String, OfKind>,
}

#[derive(Debug, Clone, Default)]
struct OfKind {
    payload: Option<Contract>,
    result: Option<Contract>,
}

impl Contracts {
    pub(crate) fn payload(&mut self, kind: &str, contract: Contract) {
        self.of.entry(kind.to_owned()).or_default().payload = Some(contract);
    }

    pub(crate) fn result(&mut self, kind: &str, contract: Contract) {
        self.of.entry(kind.to_owned()).or_default().result = Some(contract);
    }

    pub(crate) fn of_type<J: Job>() -> Self {
        let of_kind = OfKind {
            payload: J::contract().cloned(),
            result: J::result_contract().cloned(),
        };
        Self {
            of: BTreeMap::from([(J::KIND.to_owned(), of_kind)]),
        }
    }

    /// Takes what `others` say and this does not.
    pub(crate) fn add(&mut self, others: Self) {
        for (kind, other) in others.of {
            // Most kinds have none, and their jobs are not to be looked up.
            if other.payload.is_none() && other.result.is_none() {
                continue;
            }
            let known = self.of.entry(kind).or_default();
            known.payload = known.payload.take().or(other.payload);
            known.result = known.result.take().or(other.result);
        }
    }

    /// A job on its way in.
    pub(crate) fn admit(&self, job: &mut NewJob) -> Result<(), InvalidJob> {
        if let Some(contract) = self.of_payload(&job.kind) {
            job.payload = by_contract(contract, &job.kind, &job.payload, &job.headers)?;
        }
        Ok(())
    }

    /// A payload that is about to be worked on. Whoever stored it may have known another contract, or
    /// none.
    pub(crate) fn readable(
        &self,
        kind: &KindName,
        payload: &Payload,
        headers: &Headers,
    ) -> Result<Payload, InvalidJob> {
        match self.of_payload(kind) {
            Some(contract) => by_contract(contract, kind, payload, headers),
            None => Ok(payload.clone()),
        }
    }

    /// What a handler came to.
    pub(crate) fn conclude(
        &self,
        kind: &KindName,
        headers: &Headers,
        completion: &mut Completion,
    ) -> Result<(), JobError> {
        let contract = self.of.get(kind.as_str()).and_then(|of| of.result.as_ref());
        let (Some(contract), Some(result)) = (contract, &completion.result) else {
            return Ok(());
        };
        match read(contract, result, headers) {
            Ok(result) => {
                completion.result = Some(result);
                Ok(())
            }
            Err(rejection) => Err(JobError::permanent(
                Code::OutcomeRefused,
                format_args!("the result is not one of kind `{kind}`: {rejection}"),
            )
            .refused_by(&rejection)),
        }
    }

    fn of_payload(&self, kind: &KindName) -> Option<&Contract> {
        self.of.get(kind.as_str())?.payload.as_ref()
    }
}

/// A payload as its contract puts it right.
pub(crate) fn by_contract(
    contract: &Contract,
    kind: &KindName,
    payload: &Payload,
    headers: &Headers,
) -> Result<Payload, InvalidJob> {
    read(contract, payload, headers).map_err(|rejection| InvalidJob::Contract {
        kind: kind.to_string(),
        rejection,
    })
}

fn read(contract: &Contract, payload: &Payload, headers: &Headers) -> Result<Payload, Rejection> {
    let mut context = ReadContext::new();
    if let Some(id) = headers.get(CORRELATION_ID) {
        context = context.correlation_id(id);
    }
    let verdict = contract.read(payload.bytes().clone(), &context);
    Ok(payload.with_bytes(verdict.into_result()?))
}
