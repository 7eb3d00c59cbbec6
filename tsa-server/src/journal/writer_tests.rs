//! Failures of the disk, on a disk that fails on demand.

use std::sync::atomic::AtomicBool;

use super::super::record::Chain;
use super::super::segment;
use super::*;
use crate::clock::ManualTimeSource;
use crate::token::Serial;

/// One segment in memory that can be full.
#[derive(Clone, Default)]
struct Disk {
    octets: Arc<Mutex<Vec<u8>>>,
    begun: Arc<Mutex<Vec<u64>>>,
    full: Arc<AtomicBool>,
    does_not_sync: Arc<AtomicBool>,
    /// Octets that would survive a power cut.
    synced: Arc<AtomicU64>,
    does_not_cut: Arc<AtomicBool>,
    /// While somebody has it, the disk hangs.
    hangs: Arc<Mutex<()>>,
}

fn if_set(flag: &AtomicBool) -> io::Result<()> {
    match flag.load(Ordering::SeqCst) {
        true => Err(io::ErrorKind::StorageFull.into()),
        false => Ok(()),
    }
}

impl Medium for Disk {
    fn append(&mut self, octets: &[u8]) -> io::Result<()> {
        let full = if_set(&self.full);
        // A full disk takes a part of it.
        let taken = if full.is_err() {
            octets.len() / 2
        } else {
            octets.len()
        };
        self.octets
            .lock()
            .unwrap()
            .extend_from_slice(&octets[..taken]);
        full
    }

    fn sync(&mut self) -> io::Result<()> {
        drop(self.hangs.lock().unwrap());
        let mut octets = self.octets.lock().unwrap();
        let synced = self.synced.load(Ordering::SeqCst) as usize;
        let outcome = if_set(&self.does_not_sync);
        if outcome.is_err() {
            // What Linux does: the pages count as written, and may hold anything.
            let lost = synced.min(octets.len())..;
            octets[lost].fill(0);
        }
        self.synced.store(octets.len() as u64, Ordering::SeqCst);
        outcome
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        if_set(&self.does_not_cut)?;
        self.octets.lock().unwrap().truncate(length as usize);
        self.synced.fetch_min(length, Ordering::SeqCst);
        Ok(())
    }

    fn begin(&mut self, first: u64) -> io::Result<()> {
        self.begun.lock().unwrap().push(first);
        self.octets.lock().unwrap().clear();
        self.synced.store(0, Ordering::SeqCst);
        Ok(())
    }
}

fn journal(disk: &Disk) -> (Journal, Arc<ManualTimeSource>) {
    journal_of(disk, Durability::EachGroup)
}

fn journal_of(disk: &Disk, durability: Durability) -> (Journal, Arc<ManualTimeSource>) {
    let time = Arc::new(ManualTimeSource::new(UtcInstant::from_nanos(
        1_790_000_000_000_000_000,
    )));
    let settings = Settings {
        durability,
        ..Settings::new("unused".into())
    };
    let disk = Box::new(disk.clone());
    let source = Arc::clone(&time) as _;
    let journal = Journal::start(disk, &settings, source, Position::START, 0).unwrap();
    (journal, time)
}

fn entry(name: &str) -> Entry {
    Entry::event(UtcInstant::default(), name, &[])
}

fn events(disk: &Disk) -> Vec<String> {
    let octets = disk.octets.lock().unwrap().clone();
    let first = *disk.begun.lock().unwrap().last().unwrap();
    let mut found = Vec::new();
    let mut visit = |record: &Record| found.push(record.event.clone());
    let chain = (first == 1).then_some(Chain::ZERO);
    let end = segment::read(&octets[..], first, chain, &mut visit).unwrap();
    assert_eq!(end.torn, 0);
    found
}

async fn until_writable(journal: &Journal) {
    while journal.check().is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_full_disk_refuses_tokens_leaves_nothing_half_written_and_heals() {
    let disk = Disk::default();
    let (journal, _) = journal(&disk);
    journal.append(entry("one")).await.unwrap();
    disk.full.store(true, Ordering::SeqCst);
    journal.append(entry("two")).await.unwrap_err();
    assert!(journal.check().is_err());
    // Known to fail: refused without asking the disk.
    journal.append(entry("three")).await.unwrap_err();
    assert_eq!(events(&disk), ["segment", "one"]);
    disk.full.store(false, Ordering::SeqCst);
    until_writable(&journal).await;
    journal.append(entry("four")).await.unwrap();
    assert_eq!(events(&disk), ["segment", "one", "resumed", "four"]);
}

#[tokio::test]
async fn a_token_whose_record_was_not_synchronised_is_not_released_nor_recorded() {
    let disk = Disk::default();
    let (journal, _) = journal(&disk);
    journal.append(entry("one")).await.unwrap();
    disk.does_not_cut.store(true, Ordering::SeqCst);
    disk.does_not_sync.store(true, Ordering::SeqCst);
    journal.append(entry("two")).await.unwrap_err();
    disk.does_not_sync.store(false, Ordering::SeqCst);
    // What stands behind the last good record has to go before anything else is written.
    tokio::time::sleep(RETRY + RETRY / 2).await;
    assert!(journal.check().is_err());
    disk.does_not_cut.store(false, Ordering::SeqCst);
    until_writable(&journal).await;
    assert_eq!(events(&disk), ["segment", "one", "resumed"]);
}

#[tokio::test]
async fn records_that_the_disk_dropped_after_their_tokens_were_released_are_written_anew() {
    let disk = Disk::default();
    let interval = Duration::from_millis(100);
    let (journal, _) = journal_of(&disk, Durability::Interval(interval));
    journal.append(entry("one")).await.unwrap();
    while disk.synced.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    disk.does_not_sync.store(true, Ordering::SeqCst);
    // Released, for the operating system has them.
    journal.append(entry("two")).await.unwrap();
    journal.append(entry("three")).await.unwrap();
    while journal.check().is_ok() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    journal.append(entry("four")).await.unwrap_err();
    disk.does_not_sync.store(false, Ordering::SeqCst);
    until_writable(&journal).await;
    journal.append(entry("five")).await.unwrap();
    drop(journal);
    let expected = ["segment", "one", "two", "three", "resumed", "five"];
    assert_eq!(events(&disk), expected);
    assert_eq!(
        disk.synced.load(Ordering::SeqCst),
        disk.octets.lock().unwrap().len() as u64
    );
}

#[tokio::test]
async fn a_group_that_comes_when_the_disk_fails_does_not_take_released_records_with_it() {
    let disk = Disk::default();
    // Every record finds the synchronisation due; the one before it has been released.
    let (journal, _) = journal_of(&disk, Durability::Interval(Duration::from_secs(3600)));
    journal.append(entry("one")).await.unwrap();
    disk.does_not_sync.store(true, Ordering::SeqCst);
    let large = Entry::event(
        UtcInstant::default(),
        "large",
        &[("text", &"a".repeat(MAX_LACKING))],
    );
    journal.append(large).await.unwrap_err();
    disk.does_not_sync.store(false, Ordering::SeqCst);
    until_writable(&journal).await;
    drop(journal);
    assert_eq!(events(&disk), ["segment", "one", "resumed"]);
}

#[test]
fn the_tokens_that_may_be_missing_are_named() {
    let policy = pki_asn1::oid::ObjectIdentifier::new_unwrap("1.2.3");
    let mut lines = Vec::new();
    let mut chain = Chain::ZERO;
    let mut expected = Vec::new();
    for n in 1..=3 {
        let serial = Serial::random().unwrap();
        let imprint = pki_crypto::DigestAlgorithm::Sha256;
        let time = UtcInstant::default();
        let token = Entry::token(time, "unit", &policy, &serial, imprint, b"token");
        chain = token.write(2 * n - 1, &chain, &mut lines);
        chain = entry("noted").write(2 * n, &chain, &mut lines);
        let hex = serial.as_bytes().iter().map(|octet| format!("{octet:02x}"));
        expected.push(hex.collect::<String>());
    }
    assert_eq!(serials(&lines), expected);
}

#[tokio::test]
async fn a_new_day_begins_a_segment_that_goes_on_with_the_chain() {
    let disk = Disk::default();
    let (journal, time) = journal(&disk);
    journal.append(entry("one")).await.unwrap();
    time.advance(Duration::from_secs(86_400));
    journal.append(entry("two")).await.unwrap();
    assert_eq!(*disk.begun.lock().unwrap(), [1, 3]);
    assert_eq!(events(&disk), ["segment", "two"]);
}

#[tokio::test]
async fn everything_that_waits_is_written_when_the_journal_ends() {
    let disk = Disk::default();
    let (journal, _) = journal(&disk);
    for _ in 0..50 {
        journal.note("noted", &[]);
    }
    drop(journal);
    assert_eq!(events(&disk).len(), 51);
}

#[test]
fn a_disk_that_hangs_does_not_gather_records_without_end_and_heals() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let disk = Disk::default();
    let (journal, _) = journal(&disk);
    let hanging = disk.hangs.lock().unwrap();
    for _ in 0..MAX_WAITING + 1000 {
        journal.note_entry(entry("one"));
    }
    // The writer may have taken the first ones.
    while journal.check().is_ok() {
        journal.note_entry(entry("one"));
    }
    assert_eq!(journal.lag().0, MAX_WAITING);
    assert!(runtime.block_on(journal.append(entry("more"))).is_err());
    drop(hanging);
    runtime.block_on(until_writable(&journal));
    runtime.block_on(journal.append(entry("again"))).unwrap();
    assert_eq!(events(&disk).last().unwrap(), "again");
}
