pub(super) const CATALOGUES: &[&[(&str,&str)]] = &[];
