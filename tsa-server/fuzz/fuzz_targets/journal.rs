//! A segment of the token journal as somebody left it: never a panic, and what is said to be whole
//! is whole.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tsa_server::journal::segment;

fuzz_target!(|data: &[u8]| {
    let mut records = 0;
    if let Ok(end) = segment::read(data, 1, None, &mut |_| records += 1) {
        assert_eq!(end.length + end.torn, data.len() as u64);
        assert_eq!(end.position.next, records + 1);
        // What was kept of a torn segment is whole.
        let kept = &data[..end.length as usize];
        let again = segment::read(kept, 1, None, &mut |_| ()).expect("kept records");
        assert_eq!((again.position, again.torn), (end.position, 0));
    }
});
