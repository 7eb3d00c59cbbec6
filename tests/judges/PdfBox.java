// PDFBox and BouncyCastle as one resident process: a request is a line "path TAB password", an answer one line of JSON.
//
// Run as `java -cp JARS PdfBox.java`. Shares no code with the programs it judges.

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.Security;
import java.security.Signature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

import org.apache.pdfbox.cos.COSArray;
import org.apache.pdfbox.cos.COSBase;
import org.apache.pdfbox.cos.COSDictionary;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.cos.COSObject;
import org.apache.pdfbox.cos.COSStream;
import org.apache.pdfbox.cos.COSString;
import org.apache.pdfbox.io.IOUtils;
import org.apache.pdfbox.io.MemoryUsageSetting;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;
import org.apache.pdfbox.pdmodel.interactive.form.PDSignatureField;
import org.bouncycastle.asn1.ASN1InputStream;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.ess.ESSCertIDv2;
import org.bouncycastle.asn1.ess.SigningCertificateV2;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.tsp.TimeStampToken;
import org.bouncycastle.util.Store;

public class PdfBox {
    public static void main(String[] arguments) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        String line;
        while ((line = in.readLine()) != null) {
            String[] request = line.split("\t", -1);
            String answer;
            try {
                answer = judge(new File(request[0]), request.length > 1 ? request[1] : "");
            } catch (Throwable e) {
                answer = "{\"error\":" + quoted(e.toString()) + "}";
            }
            out.println(answer);
        }
    }

    static String judge(File file, String password) throws Exception {
        try (PDDocument document = PDDocument.load(file, password, MemoryUsageSetting.setupMixed(1 << 26))) {
            StringBuilder json = new StringBuilder("{\"pages\":" + document.getNumberOfPages() + ",\"signatures\":[");
            String separator = "";
            for (PDSignatureField field : document.getSignatureFields()) {
                PDSignature signature = field.getSignature();
                if (signature == null) {
                    continue;
                }
                json.append(separator).append(signature(file, field, signature));
                separator = ",";
            }
            json.append("],").append(store(document)).append("}");
            return json.toString();
        }
    }

    static String signature(File file, PDSignatureField field, PDSignature signature) {
        Verdict verdict = new Verdict();
        try {
            examine(file, signature, verdict);
        } catch (Throwable e) {
            verdict.wrong.add(e.toString());
        }
        StringBuilder wrong = new StringBuilder();
        for (String what : verdict.wrong) {
            wrong.append(wrong.length() == 0 ? "" : ",").append(quoted(what));
        }
        return "{\"field\":" + quoted(field.getFullyQualifiedName())
            + ",\"subFilter\":" + quoted(String.valueOf(signature.getSubFilter()))
            + ",\"wholeFile\":" + verdict.wholeFile
            + ",\"timeStamped\":" + verdict.timeStamped
            + ",\"wrong\":[" + wrong + "]}";
    }

    /** What was found in one signature. */
    static class Verdict {
        boolean wholeFile;
        boolean timeStamped;
        List<String> wrong = new ArrayList<>();
    }

    static void examine(File file, PDSignature signature, Verdict verdict) throws Exception {
        int[] range = signature.getByteRange();
        if (range.length != 4 || range[0] != 0) {
            verdict.wrong.add("ByteRange " + Arrays.toString(range));
            return;
        }
        verdict.wholeFile = Integer.toUnsignedLong(range[2]) + Integer.toUnsignedLong(range[3]) == file.length();
        byte[] contents;
        byte[] signed;
        try (InputStream in = new FileInputStream(file)) {
            contents = signature.getContents(in);
        }
        try (InputStream in = new FileInputStream(file)) {
            signed = signature.getSignedContent(in);
        }
        if ("ETSI.RFC3161".equals(signature.getSubFilter())) {
            timeStamp(new TimeStampToken(new CMSSignedData(contents)), signed, verdict);
            return;
        }
        if ("adbe.x509.rsa_sha1".equals(signature.getSubFilter())) {
            bareValue(signature, contents, signed, verdict);
            return;
        }
        boolean digestInside = "adbe.pkcs7.sha1".equals(signature.getSubFilter());
        CMSSignedData cms = digestInside ? new CMSSignedData(contents) : new CMSSignedData(new CMSProcessableByteArray(signed), contents);
        if (digestInside && !Arrays.equals(MessageDigest.getInstance("SHA-1", "BC").digest(signed), (byte[]) cms.getSignedContent().getContent())) {
            verdict.wrong.add("the content is not the SHA-1 of the byte range");
        }
        Collection<SignerInformation> signers = cms.getSignerInfos().getSigners();
        if (signers.size() != 1) {
            verdict.wrong.add(signers.size() + " signers");
        }
        for (SignerInformation signer : signers) {
            X509CertificateHolder certificate = certificate(cms.getCertificates(), signer, verdict);
            if (certificate == null) {
                return;
            }
            if (!signer.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(certificate))) {
                verdict.wrong.add("the signature does not verify");
            }
            if ("ETSI.CAdES.detached".equals(signature.getSubFilter())) {
                signingCertificate(signer.getSignedAttributes(), certificate, verdict);
            }
            AttributeTable unsigned = signer.getUnsignedAttributes();
            Attribute stamp = unsigned == null ? null : unsigned.get(PKCSObjectIdentifiers.id_aa_signatureTimeStampToken);
            if (stamp != null) {
                verdict.timeStamped = true;
                byte[] token = stamp.getAttrValues().getObjectAt(0).toASN1Primitive().getEncoded();
                timeStamp(new TimeStampToken(new CMSSignedData(token)), signer.getSignature(), verdict);
            }
        }
    }

    /** ISO 32000-1, 12.8.3.2: a PKCS#1 value, and in /Cert the signer's certificate first. */
    static void bareValue(PDSignature signature, byte[] contents, byte[] signed, Verdict verdict) throws Exception {
        byte[] value = ASN1OctetString.getInstance(new ASN1InputStream(contents).readObject()).getOctets();
        COSBase certs = signature.getCOSObject().getDictionaryObject(COSName.CERT);
        COSBase first = certs instanceof COSArray ? ((COSArray) certs).getObject(0) : certs;
        X509CertificateHolder certificate = new X509CertificateHolder(((COSString) first).getBytes());
        for (String digest : List.of("SHA1", "SHA256", "SHA384", "SHA512")) {
            Signature verifier = Signature.getInstance(digest + "withRSA", "BC");
            verifier.initVerify(new JcaX509CertificateConverter().setProvider("BC").getCertificate(certificate));
            verifier.update(signed);
            if (verifier.verify(value)) {
                return;
            }
        }
        verdict.wrong.add("the signature does not verify");
    }

    /** ESS signing-certificate-v2: its first entry is the hash of the signer's certificate. */
    static void signingCertificate(AttributeTable signed, X509CertificateHolder certificate, Verdict verdict) throws Exception {
        Attribute attribute = signed.get(PKCSObjectIdentifiers.id_aa_signingCertificateV2);
        if (attribute == null) {
            verdict.wrong.add("no signing-certificate-v2");
            return;
        }
        ESSCertIDv2 first = SigningCertificateV2.getInstance(attribute.getAttrValues().getObjectAt(0)).getCerts()[0];
        MessageDigest digest = MessageDigest.getInstance(first.getHashAlgorithm().getAlgorithm().getId(), "BC");
        if (!Arrays.equals(digest.digest(certificate.getEncoded()), first.getCertHash())) {
            verdict.wrong.add("signing-certificate-v2 names another certificate");
        }
    }

    static void timeStamp(TimeStampToken token, byte[] stamped, Verdict verdict) throws Exception {
        String algorithm = token.getTimeStampInfo().getMessageImprintAlgOID().getId();
        byte[] imprint = MessageDigest.getInstance(algorithm, "BC").digest(stamped);
        if (!Arrays.equals(imprint, token.getTimeStampInfo().getMessageImprintDigest())) {
            verdict.wrong.add("the time-stamp is for something else");
        }
        SignerInformation signer = token.toCMSSignedData().getSignerInfos().getSigners().iterator().next();
        X509CertificateHolder certificate = certificate(token.getCertificates(), signer, verdict);
        if (certificate != null) {
            // Checks the signature, the validity at the token's time, the critical extended key usage and ESSCertID.
            token.validate(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(certificate));
        }
    }

    @SuppressWarnings("unchecked")
    static X509CertificateHolder certificate(Store<X509CertificateHolder> store, SignerInformation signer, Verdict verdict) {
        Collection<X509CertificateHolder> found = store.getMatches(signer.getSID());
        if (found.isEmpty()) {
            verdict.wrong.add("the signer's certificate is not there");
            return null;
        }
        return found.iterator().next();
    }

    /** The document security store: what is in it, and that BouncyCastle can read all of it. */
    static String store(PDDocument document) throws Exception {
        COSBase dss = document.getDocumentCatalog().getCOSObject().getDictionaryObject(COSName.getPDFName("DSS"));
        if (!(dss instanceof COSDictionary)) {
            return "\"certificates\":0,\"ocsp\":0,\"crls\":0";
        }
        int certificates = 0;
        int ocsp = 0;
        int crls = 0;
        for (byte[] der : streams((COSDictionary) dss, "Certs")) {
            new X509CertificateHolder(der);
            certificates++;
        }
        for (byte[] der : streams((COSDictionary) dss, "OCSPs")) {
            if (new OCSPResp(der).getStatus() != OCSPResp.SUCCESSFUL) {
                throw new IllegalArgumentException("an OCSP response without an answer in the DSS");
            }
            ocsp++;
        }
        for (byte[] der : streams((COSDictionary) dss, "CRLs")) {
            new X509CRLHolder(new ByteArrayInputStream(der));
            crls++;
        }
        return "\"certificates\":" + certificates + ",\"ocsp\":" + ocsp + ",\"crls\":" + crls;
    }

    static List<byte[]> streams(COSDictionary dss, String key) throws Exception {
        List<byte[]> all = new ArrayList<>();
        COSBase array = dss.getDictionaryObject(COSName.getPDFName(key));
        if (array instanceof COSArray) {
            for (COSBase element : (COSArray) array) {
                COSBase stream = element instanceof COSObject ? ((COSObject) element).getObject() : element;
                try (InputStream in = ((COSStream) stream).createInputStream()) {
                    all.add(IOUtils.toByteArray(in));
                }
            }
        }
        return all;
    }

    static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
