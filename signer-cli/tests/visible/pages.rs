//! Pages that are made for these tests, and pages as they were drawn.

/// A page of one unit of text, 300 by 200 units.
pub(crate) struct Sheet<'a> {
    pub(crate) boxes: &'a str,
    pub(crate) rotate: u16,
    /// Further entries of page and catalog, further objects from number 6 on.
    pub(crate) page: &'a str,
    pub(crate) catalog: &'a str,
    pub(crate) objects: &'a [&'a str],
}

pub(crate) const PLAIN: Sheet<'static> = Sheet {
    boxes: "/MediaBox [0 0 300 200]",
    rotate: 0,
    page: "",
    catalog: "",
    objects: &[],
};

impl Sheet<'_> {
    pub(crate) fn pdf(&self) -> Vec<u8> {
        let content = "0.6 g BT /F 9 Tf 12 TL 20 190 Td (Contract of sale, page 1) Tj T* (with a second line) Tj ET\n\
             0 0 1 rg 12 8 6 6 re f 282 186 6 6 re f";
        let mut objects = vec![
            format!("<< /Type /Catalog /Pages 2 0 R {} >>", self.catalog),
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
            format!(
                "<< /Type /Page /Parent 2 0 R {} /Rotate {} /Contents 4 0 R \
                 /Resources << /Font << /F 5 0 R >> >> {} >>",
                self.boxes, self.rotate, self.page
            ),
            format!(
                "<< /Length {} >>\nstream\n{content}\nendstream",
                content.len()
            ),
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
        ];
        objects.extend(self.objects.iter().map(|object| (*object).to_owned()));
        let mut pdf = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
        let mut offsets = Vec::new();
        for (index, object) in objects.iter().enumerate() {
            offsets.push(pdf.len());
            pdf.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).as_bytes());
        }
        let start = pdf.len();
        let size = objects.len() + 1;
        pdf.extend(format!("xref\n0 {size}\n0000000000 65535 f \n").as_bytes());
        for offset in offsets {
            pdf.extend(format!("{offset:010} 00000 n \n").as_bytes());
        }
        pdf.extend(
            format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n")
                .as_bytes(),
        );
        pdf
    }
}

/// A drawn page.
pub(crate) struct Shown {
    pub(crate) width: usize,
    pub(crate) height: usize,
    rgb: Vec<u8>,
}

impl Shown {
    pub(crate) fn read(ppm: &[u8]) -> Self {
        let mut rest = ppm;
        let mut next = || {
            let end = rest.iter().position(u8::is_ascii_whitespace).unwrap();
            let (word, after) = rest.split_at(end);
            rest = &after[1..];
            String::from_utf8(word.to_vec()).unwrap()
        };
        assert_eq!(next(), "P6");
        let (width, height) = (next().parse().unwrap(), next().parse().unwrap());
        assert_eq!(next(), "255");
        let rgb = rest.to_vec();
        assert_eq!(rgb.len(), width * height * 3);
        Self { width, height, rgb }
    }

    pub(crate) fn at(&self, x: usize, y: usize) -> &[u8] {
        let at = (y * self.width + x) * 3;
        &self.rgb[at..at + 3]
    }
}
