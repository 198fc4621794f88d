//! The store: it opens the threads and delegates to them.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Instant;

use queue_core::migration::{MigrationTarget, Survey};
use queue_core::{Act, StoreError, StoreId, Wakeups};
use tokio::sync::oneshot;

use crate::backup::{self, BackupError, BackupProgress};
use crate::clock::HostClock;
use crate::facts::{SqliteFacts, SqlitePulse};
use crate::ops::facts;
use crate::options::SqliteOptions;
use crate::reader::Readers;
use crate::request::gone;
use crate::shared::Shared;
use crate::watcher::Watcher;
use crate::writer::Writer;
use crate::{connection, fault, migrations, place};

/// A durable queue in one SQLite file.
///
/// A handle: clones share one writer thread and one pool of readers. When the last clone is dropped,
/// what was asked for is finished and the file is closed.
#[derive(Clone)]
pub struct SqliteStore(pub(crate) Arc<Inner>);

/// Fields are dropped in this order: the writer closes the file last.
pub(crate) struct Inner {
    _watcher: Watcher,
    pub(crate) readers: Readers,
    pub(crate) writer: Writer,
    pub(crate) shared: Arc<Shared>,
    pub(crate) id: StoreId,
    path: PathBuf,
}

impl SqliteStore {
    /// Opens a file with the defaults, see [`SqliteOptions::new`]: created and given its schema if it
    /// is new.
    ///
    /// ```
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("jobs.db");
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let store = queue_sqlite::SqliteStore::open(path).await.unwrap();
    /// # });
    /// ```
    pub async fn open(path: impl Into<PathBuf>) -> Result<Self, StoreError> {
        SqliteOptions::new(path).open().await
    }

    /// Opens what a URL says, see [`SqliteOptions::from_url`].
    ///
    /// ```
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("jobs.db");
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let url = format!("sqlite:{}?synchronous=normal", path.display());
    /// queue_sqlite::SqliteStore::connect(&url).await.unwrap();
    /// let error = queue_sqlite::SqliteStore::connect("postgres://host/db").await.unwrap_err();
    /// assert_eq!(error.code(), "refused");
    /// # });
    /// ```
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        SqliteOptions::from_url(url)?.open().await
    }

    /// What may change at any time: that a write can be made, as long as others let one, that the schema is
    /// still this build's, and how much of the write-ahead log waits. It takes a turn in the writer's next transaction, and writes nothing
    /// there; however many jobs there are, it costs the same. Made to be asked every few seconds.
    ///
    /// ```
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("jobs.db");
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let store = queue_sqlite::SqliteStore::open(path).await.unwrap();
    /// assert!(store.pulse().await.unwrap().wal_pages < 1000);
    /// # });
    /// ```
    pub async fn pulse(&self) -> Result<SqlitePulse, StoreError> {
        let turn = self.0.writer.call("pulse", 1, |_| Ok(()));
        turn.await.map_err(|_| gone("pulse"))??;
        self.0.readers.look("pulse", facts::pulse).await
    }
}

impl SqliteOptions {
    /// Opens the store. Refused are, with what to do instead: a schema that is missing (unless
    /// [`Self::migrate_on_open`] is on), older or newer, a file that is damaged, read-only or on a network
    /// file system, and a SQLite library that can damage it.
    pub async fn open(self) -> Result<SqliteStore, StoreError> {
        let shared = Arc::new(Shared {
            clock: HostClock::new(self.time_source().clone()),
            wakeups: Wakeups::default(),
            own_wake: AtomicI64::new(0),
        });
        let (writer, id) = Writer::start(self.clone(), Arc::clone(&shared)).await?;
        let readers = Readers::start(&self, Arc::clone(&shared))?;
        let path = self.path().to_owned();
        let watcher = Watcher::start(self, Arc::clone(&shared))?;
        Ok(SqliteStore(Arc::new(Inner {
            _watcher: watcher,
            readers,
            writer,
            shared,
            id,
            path,
        })))
    }

    /// Brings the schema to the newest version that this build has, and returns it.
    pub async fn migrate(&self) -> Result<u32, StoreError> {
        self.migrate_to(MigrationTarget::Newest).await
    }

    /// Brings the schema up or down to a version, all or nothing, and returns it. Processes that do
    /// so at the same time take turns. Version 0 removes the schema with everything in it, and leaves
    /// the tables of others in the file alone.
    ///
    /// ```
    /// use queue_core::migration::{MigrationTarget, Survey};
    /// use queue_sqlite::SqliteOptions;
    /// # let dir = tempfile::tempdir().unwrap();
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let options = SqliteOptions::new(dir.path().join("jobs.db")).migrate_on_open(false);
    /// assert!(options.clone().open().await.is_err(), "there is no schema yet");
    /// options.migrate_to(MigrationTarget::Newest).await.unwrap();
    /// options.open().await.unwrap();
    /// # });
    /// ```
    pub async fn migrate_to(&self, target: MigrationTarget) -> Result<u32, StoreError> {
        self.apart("migrate", move |options| {
            let mut conn = connection::writer(options)?;
            migrations::migrate(&mut conn, target, None)
        })
        .await
    }

    /// As [`Self::migrate_to`], on record in the audit trail, in the same transaction: who, why, from which
    /// version to which. Where nothing was to be done there is no record, and behind version 0 no trail.
    ///
    /// ```
    /// use queue_core::migration::MigrationTarget;
    /// use queue_core::{Act, Actor, AuditFilter, AuditPage, OperatorStore};
    /// use queue_sqlite::SqliteOptions;
    /// # let dir = tempfile::tempdir().unwrap();
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let options = SqliteOptions::new(dir.path().join("jobs.db"));
    /// let act = Act::new(Actor::new("ada").unwrap(), "release 7");
    /// options.migrate_by(MigrationTarget::Newest, &act).await.unwrap();
    /// options.migrate_by(MigrationTarget::Newest, &act).await.unwrap();
    /// let store = options.open().await.unwrap();
    /// let newest = AuditPage::newest(10).unwrap();
    /// let trail = store.audit(&AuditFilter::default(), newest).await.unwrap();
    /// assert_eq!(trail.records.len(), 1);
    /// assert_eq!(trail.records[0].entry.action, "leasehold.migrate");
    /// # });
    /// ```
    pub async fn migrate_by(&self, target: MigrationTarget, act: &Act) -> Result<u32, StoreError> {
        let act = act.clone();
        self.apart("migrate", move |options| {
            let mut conn = connection::writer(options)?;
            let clock = HostClock::new(options.time_source().clone());
            migrations::migrate(&mut conn, target, Some((&act, &clock)))
        })
        .await
    }

    /// What the file has of the schema, without changing anything in it. A file that is not there is
    /// refused, and so is a schema that is newer than this build, or another program's.
    ///
    /// ```
    /// use queue_sqlite::SqliteOptions;
    /// # let dir = tempfile::tempdir().unwrap();
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let options = SqliteOptions::new(dir.path().join("jobs.db"));
    /// options.migrate().await.unwrap();
    /// let survey = options.survey().await.unwrap();
    /// assert_eq!(survey.found, survey.newest);
    /// # });
    /// ```
    pub async fn survey(&self) -> Result<Survey, StoreError> {
        self.apart("survey", |options| {
            place::check(options.path(), false)?;
            migrations::survey(&connection::reader(options)?)
        })
        .await
    }

    /// How the file lies, what is in it, and what commits to it survive, whatever is wrong with it. It
    /// is left as it is. SQLite's quick check reads the whole file; the deep one compares indexes with
    /// tables as well.
    ///
    /// ```
    /// use queue_sqlite::{SqliteOptions, Synchronous};
    /// # let dir = tempfile::tempdir().unwrap();
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let options = SqliteOptions::new(dir.path().join("jobs.db"));
    /// options.migrate().await.unwrap();
    /// let facts = options.facts(false).await.unwrap();
    /// let content = facts.content.unwrap();
    /// assert_eq!((content.journal_mode.as_str(), content.synchronous), ("wal", 2));
    /// assert!(content.damage.is_empty());
    /// # });
    /// ```
    pub async fn facts(&self, deep: bool) -> Result<SqliteFacts, StoreError> {
        self.apart("facts", move |options| facts::facts(options, deep))
            .await
    }

    /// Copies all of it into an empty file while others write, checks the copy, and brings it to the disk.
    /// The copy is what was committed when it began; whatever version its schema has, it is copied.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use queue_sqlite::{BackupProgress, SqliteOptions};
    /// # let dir = tempfile::tempdir().unwrap();
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let options = SqliteOptions::new(dir.path().join("jobs.db"));
    /// options.migrate().await.unwrap();
    /// let copy = dir.path().join("copy.db");
    /// let progress = Arc::new(BackupProgress::default());
    /// options.backup(&copy, Arc::clone(&progress)).await.unwrap();
    /// SqliteOptions::new(copy).migrate_on_open(false).open().await.unwrap();
    /// # });
    /// ```
    pub async fn backup(
        &self,
        to: &Path,
        progress: Arc<BackupProgress>,
    ) -> Result<(), BackupError> {
        let to = to.to_owned();
        let copied = self.apart("backup", move |options| {
            place::check(options.path(), false)?;
            let source = connection::reader(options)?;
            Ok(backup::copy(&source, &to, &progress))
        });
        copied.await.map_err(BackupError::Source)?
    }

    /// Does something with the file on a thread that ends with it.
    async fn apart<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Self) -> fault::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let options = self.clone();
        let (caller, answer) = oneshot::channel();
        std::thread::Builder::new()
            .name("leasehold-sqlite-migration".to_owned())
            .spawn(move || {
                let begun = Instant::now();
                let done = work(&options).map_err(|fault| fault.named(operation, begun.elapsed()));
                drop(caller.send(done));
            })
            .map_err(|error| StoreError::backend("starting the migration thread", error))?;
        answer.await.map_err(|_| gone(operation))?
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("path", &self.0.path)
            .field("id", &self.0.id)
            .finish_non_exhaustive()
    }
}
