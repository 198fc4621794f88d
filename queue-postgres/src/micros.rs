//! Times on the wire: microseconds, as both sides keep them.

use queue_core::Timestamp;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueFormat, PgValueRef};
use sqlx::{Decode, Encode, Postgres, Type};

/// From 1970, where we count from, to 2000, where Postgres does.
const EPOCH: i64 = 946_684_800_000_000;
/// The earliest time that Postgres can hold (4714 BC); the latest is beyond ours.
const EARLIEST: i64 = -211_813_488_000_000_000;

/// A time as `timestamptz`. The crates that sqlx has bindings for would widen what it resolves, and
/// the format is a number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Micros(pub(crate) Timestamp);

impl From<Timestamp> for Micros {
    fn from(time: Timestamp) -> Self {
        Self(time)
    }
}

impl Micros {
    /// As Postgres counts.
    pub(crate) fn on_the_wire(self) -> i64 {
        self.0.as_micros().saturating_sub(EPOCH).max(EARLIEST)
    }
}

impl Type<Postgres> for Micros {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(1184))
    }
}

impl PgHasArrayType for Micros {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(1185))
    }
}

impl Encode<'_, Postgres> for Micros {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <i64 as Encode<Postgres>>::encode(self.on_the_wire(), buffer)
    }

    fn size_hint(&self) -> usize {
        size_of::<i64>()
    }
}

impl<'r> Decode<'r, Postgres> for Micros {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        if value.format() == PgValueFormat::Text {
            return Err("a time came as text".into());
        }
        let micros = <i64 as Decode<Postgres>>::decode(value)?;
        Ok(Self(Timestamp::from_micros(micros.saturating_add(EPOCH))))
    }
}

/// A duration in whole microseconds, at most what fits.
pub(crate) fn micros(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
