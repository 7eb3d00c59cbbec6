// Evidence records (RFC 4998) by BouncyCastle: `make FOLDER` writes records of every shape with the data they are about, under an
// authority of its own with units that have long expired; `anchors FOLDER RECORD...` takes the self-issued certificates out of the
// tokens; `check` reads lines "record TAB time TAB data TAB data ..." and answers
// each with "valid" or why not. Shares no code with the programs it judges.

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Security;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.tsp.ArchiveTimeStamp;
import org.bouncycastle.asn1.tsp.ArchiveTimeStampChain;
import org.bouncycastle.asn1.tsp.EvidenceRecord;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.DefaultSignedAttributeTableGenerator;
import org.bouncycastle.cms.SignerInfoGenerator;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.SignerInformationStore;
import org.bouncycastle.cms.SignerInformationVerifier;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoGeneratorBuilder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.DigestCalculator;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampResponse;
import org.bouncycastle.tsp.TimeStampResponseGenerator;
import org.bouncycastle.tsp.TimeStampToken;
import org.bouncycastle.tsp.TimeStampTokenGenerator;
import org.bouncycastle.tsp.ers.ERSArchiveTimeStamp;
import org.bouncycastle.tsp.ers.ERSArchiveTimeStampGenerator;
import org.bouncycastle.tsp.ers.ERSByteData;
import org.bouncycastle.tsp.ers.ERSData;
import org.bouncycastle.tsp.ers.ERSDataGroup;
import org.bouncycastle.tsp.ers.ERSEvidenceRecord;
import org.bouncycastle.tsp.ers.ERSEvidenceRecordGenerator;
import org.bouncycastle.util.CollectionStore;

public class Ers {
    static final ASN1ObjectIdentifier SHA256 = NISTObjectIdentifiers.id_sha256;
    static final ASN1ObjectIdentifier SHA384 = NISTObjectIdentifiers.id_sha384;
    static final ASN1ObjectIdentifier SHA512 = NISTObjectIdentifiers.id_sha512;

    static DigestCalculatorProvider digests;

    public static void main(String[] arguments) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        digests = new JcaDigestCalculatorProviderBuilder().build();
        switch (arguments[0]) {
            case "make" -> new Ers(Path.of(arguments[1])).make();
            case "anchors" -> anchors(Path.of(arguments[1]), List.of(arguments).subList(2, arguments.length));
            default -> check();
        }
    }

    static void anchors(Path folder, List<String> records) throws Exception {
        for (String name : records) {
            EvidenceRecord record = EvidenceRecord.getInstance(Files.readAllBytes(Path.of(name)));
            for (ArchiveTimeStampChain chain : record.getArchiveTimeStampSequence().getArchiveTimeStampChains()) {
                for (ArchiveTimeStamp stamp : chain.getArchiveTimestamps()) {
                    for (X509CertificateHolder one : new TimeStampToken(stamp.getTimeStamp()).getCertificates().getMatches(null)) {
                        if (one.getSubject().equals(one.getIssuer())) {
                            Files.write(folder.resolve(one.getSerialNumber().toString(16) + ".der"), one.getEncoded());
                        }
                    }
                }
            }
        }
    }

    static void check() throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        String line;
        while ((line = in.readLine()) != null) {
            String answer = "valid";
            try {
                judge(line.split("\t", -1));
            } catch (Throwable e) {
                answer = e.toString().replaceAll("\\s+", " ");
            }
            out.println(answer);
        }
    }

    static void judge(String[] request) throws Exception {
        ERSEvidenceRecord record = new ERSEvidenceRecord(Files.readAllBytes(Path.of(request[0])), digests);
        Date at = Date.from(Instant.parse(request[1]));
        List<ERSData> data = new ArrayList<>();
        for (int i = 2; i < request.length; i++) {
            data.add(new ERSByteData(Files.readAllBytes(Path.of(request[i]))));
        }
        record.validatePresent(data.size() == 1 ? data.get(0) : new ERSDataGroup(data), at);
        // validatePresent looks at trees and imprints; the tokens' signatures are asked for one by one.
        record.validate(verifier(record.getSigningCertificate()));
        for (ArchiveTimeStampChain chain : record.toASN1Structure().getArchiveTimeStampSequence().getArchiveTimeStampChains()) {
            for (ArchiveTimeStamp stamp : chain.getArchiveTimestamps()) {
                ERSArchiveTimeStamp one = new ERSArchiveTimeStamp(stamp, digests);
                one.validate(verifier(one.getSigningCertificate()));
            }
        }
    }

    static SignerInformationVerifier verifier(X509CertificateHolder certificate) throws Exception {
        return new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(certificate);
    }

    final Path folder;
    final StringBuilder plan = new StringBuilder();
    final KeyPair rootKey;
    final X509CertificateHolder root;
    final X500Name rootName = new X500Name("C=MC,CN=Archive Root");
    int serial = 100;

    Ers(Path folder) throws Exception {
        this.folder = folder;
        KeyPairGenerator keys = KeyPairGenerator.getInstance("EC", "BC");
        keys.initialize(256);
        rootKey = keys.generateKeyPair();
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(rootName, BigInteger.ONE, date("2010-01-01"),
            date("2060-01-01"), rootName, rootKey.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        builder.addExtension(Extension.subjectKeyIdentifier, false,
            new JcaX509ExtensionUtils().createSubjectKeyIdentifier(rootKey.getPublic()));
        root = builder.build(new JcaContentSignerBuilder("SHA256withECDSA").setProvider("BC").build(rootKey.getPrivate()));
        String pem = "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(root.getEncoded())
            + "\n-----END CERTIFICATE-----\n";
        Files.writeString(folder.resolve("root.pem"), pem);
    }

    static Date date(String day) {
        return Date.from(Instant.parse(day + "T00:00:00Z"));
    }

    /** A unit of the authority, valid for three years. */
    final class Unit {
        final KeyPair key;
        final X509CertificateHolder certificate;
        final int from;

        Unit(int from) throws Exception {
            this.from = from;
            KeyPairGenerator keys = KeyPairGenerator.getInstance("EC", "BC");
            keys.initialize(256);
            key = keys.generateKeyPair();
            JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(rootName, BigInteger.valueOf(++serial),
                date(from + "-01-01"), date((from + 3) + "-01-01"), new X500Name("C=MC,CN=Unit of " + from), key.getPublic());
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, true, new ExtendedKeyUsage(KeyPurposeId.id_kp_timeStamping));
            builder.addExtension(Extension.authorityKeyIdentifier, false,
                identifiers.createAuthorityKeyIdentifier(rootKey.getPublic()));
            certificate = builder.build(signer(rootKey));
        }

        /** The answer to a request, on that day of its first years, with a list of revoked certificates of later on. */
        TimeStampResponse answer(TimeStampRequest request, String day) throws Exception {
            // Units sign when they stamp, not when this is run.
            AttributeTable then = new AttributeTable(new Attribute(CMSAttributes.signingTime, new DERSet(new Time(date(day)))));
            SignerInfoGenerator signer = new JcaSimpleSignerInfoGeneratorBuilder().setProvider("BC")
                .setSignedAttributeGenerator(new DefaultSignedAttributeTableGenerator(then))
                .build("SHA256withECDSA", key.getPrivate(), new JcaX509CertificateConverter().getCertificate(certificate));
            DigestCalculator sha256 = digests.get(new AlgorithmIdentifier(SHA256));
            TimeStampTokenGenerator tokens = new TimeStampTokenGenerator(signer, sha256, new ASN1ObjectIdentifier("1.2.3.4"));
            tokens.addCertificates(new CollectionStore<>(List.of(certificate)));
            X509v2CRLBuilder list = new X509v2CRLBuilder(rootName, date(day));
            list.setNextUpdate(date("2059-01-01"));
            X509CRLHolder crl = list.build(signer(rootKey));
            tokens.addCRLs(new CollectionStore<>(List.of(crl)));
            TimeStampResponse response = new TimeStampResponseGenerator(tokens, TSPAlgorithms.ALLOWED)
                .generate(request, BigInteger.valueOf(++serial), date(day));
            return new TimeStampResponse(response.getEncoded());
        }
    }

    static ContentSigner signer(KeyPair key) throws Exception {
        return new JcaContentSignerBuilder("SHA256withECDSA").setProvider("BC").build(key.getPrivate());
    }

    static TimeStampRequestGenerator requests() {
        TimeStampRequestGenerator requests = new TimeStampRequestGenerator();
        requests.setCertReq(true);
        return requests;
    }

    static DigestCalculator digest(ASN1ObjectIdentifier algorithm) throws Exception {
        return digests.get(new AlgorithmIdentifier(algorithm));
    }

    void make() throws Exception {
        Unit first = new Unit(2014), second = new Unit(2016), third = new Unit(2018), fourth = new Unit(2025);
        for (int count : new int[] {1, 2, 3, 5, 8, 13}) {
            List<String> names = new ArrayList<>();
            List<ERSData> data = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                names.add(written("tree-" + count + "-" + i + ".bin", "object " + i + " of " + count));
                data.add(bytes(names.get(i)));
            }
            List<ERSEvidenceRecord> records = records(data, SHA256, first, "2015-06-01");
            for (int i = 0; i < records.size(); i++) {
                record("tree-" + count + "-" + i, records.get(i), "2015-07-01", List.of(found(records.get(i), names, data)));
            }
        }
        // Renewed within the chain, with another algorithm, and once more within the new chain.
        String name = written("long.bin", "what lasts");
        ERSData data = bytes(name);
        List<ERSData> others = new ArrayList<>(List.of(data));
        for (int i = 0; i < 4; i++) {
            others.add(bytes(written("beside-" + i + ".bin", "beside " + i)));
        }
        ERSEvidenceRecord record = containing(records(others, SHA256, first, "2015-06-01"), data);
        record("long-1", record, "2016-06-01", List.of(name));
        record = record.renewTimeStamp(second.answer(record.generateTimeStampRenewalRequest(requests()), "2016-10-01"));
        record("long-2", record, "2018-06-01", List.of(name));
        record = record.renewHash(digest(SHA512), data,
            third.answer(record.generateHashRenewalRequest(digest(SHA512), data, requests()), "2018-10-01"));
        record("long-3", record, "2020-06-01", List.of(name));
        record = record.renewTimeStamp(fourth.answer(record.generateTimeStampRenewalRequest(requests()), "2025-10-01"));
        // The unit of 2018 had expired before: what comes after cannot save it.
        record("late", record, "2026-01-15", List.of(name));

        ERSEvidenceRecord kept = containing(records(others, SHA256, first, "2015-06-01"), data);
        kept = kept.renewTimeStamp(second.answer(kept.generateTimeStampRenewalRequest(requests()), "2016-10-01"));
        kept = kept.renewHash(digest(SHA384), data,
            third.answer(kept.generateHashRenewalRequest(digest(SHA384), data, requests()), "2018-10-01"));
        Unit between = new Unit(2020), last = new Unit(2022);
        kept = kept.renewTimeStamp(between.answer(kept.generateTimeStampRenewalRequest(requests()), "2020-10-01"));
        kept = kept.renewHash(digest(SHA512), data,
            last.answer(kept.generateHashRenewalRequest(digest(SHA512), data, requests()), "2022-10-01"));
        kept = kept.renewTimeStamp(new Unit(2024).answer(kept.generateTimeStampRenewalRequest(requests()), "2024-10-01"));
        record("kept", kept, "2026-01-15", List.of(name));

        // A group of files that belong together, beside others.
        List<String> members = new ArrayList<>();
        List<ERSData> group = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            members.add(written("group-" + i + ".bin", "member " + i));
            group.add(bytes(members.get(i)));
        }
        ERSData whole = new ERSDataGroup(group);
        List<ERSData> all = new ArrayList<>(others);
        all.add(whole);
        ERSEvidenceRecord grouped = containing(records(all, SHA256, first, "2015-06-01"), whole);
        record("group", grouped, "2016-06-01", members);
        grouped = grouped.renewHash(digest(SHA512), whole,
            second.answer(grouped.generateHashRenewalRequest(digest(SHA512), whole, requests()), "2016-10-01"));
        record("group-renewed", grouped, "2018-06-01", members);

        Files.writeString(folder.resolve("plan.tsv"), plan);
        embedded(first, second);
    }

    /** Records in signatures and containers, in files called after what they are. */
    void embedded(Unit first, Unit second) throws Exception {
        JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
        KeyPairGenerator keys = KeyPairGenerator.getInstance("EC", "BC");
        keys.initialize(256);
        KeyPair key = keys.generateKeyPair();
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(rootName, BigInteger.valueOf(++serial),
            date("2014-01-01"), date("2017-01-01"), new X500Name("C=MC,CN=Signer"), key.getPublic());
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.nonRepudiation));
        builder.addExtension(Extension.authorityKeyIdentifier, false, identifiers.createAuthorityKeyIdentifier(rootKey.getPublic()));
        X509CertificateHolder certificate = builder.build(signer(rootKey));
        byte[] content = "what is signed".getBytes(StandardCharsets.UTF_8);
        Files.write(folder.resolve("signed.txt"), content);

        for (boolean attached : new boolean[] {true, false}) {
            CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
            AttributeTable then = new AttributeTable(new Attribute(CMSAttributes.signingTime, new DERSet(new Time(date("2015-05-01")))));
            generator.addSignerInfoGenerator(new JcaSimpleSignerInfoGeneratorBuilder().setProvider("BC")
                .setSignedAttributeGenerator(new DefaultSignedAttributeTableGenerator(then))
                .build("SHA256withECDSA", key.getPrivate(), new JcaX509CertificateConverter().getCertificate(certificate)));
            generator.addCertificates(new CollectionStore<>(List.of(certificate)));
            CMSSignedData signature = generator.generate(new CMSProcessableByteArray(content), attached);
            for (String encoding : new String[] {"DER", "BER"}) {
                byte[] bare = signature.toASN1Structure().getEncoded(encoding);
                ERSData data = new ERSByteData(bare);
                if (!attached) {
                    data = new ERSDataGroup(data, new ERSByteData(content));
                }
                ERSEvidenceRecord record = renewed(data, first, second);
                String name = (attached ? "internal-" : "external-") + encoding.toLowerCase() + ".p7s";
                ASN1ObjectIdentifier type = new ASN1ObjectIdentifier("1.2.840.113549.1.9.16.2." + (attached ? 49 : 50));
                Files.write(folder.resolve(name), with(signature, type, record, encoding));
                if (attached && encoding.equals("DER")) {
                    ERSEvidenceRecord other = renewed(new ERSByteData(content), first, second);
                    Files.write(folder.resolve("other-record.p7s"), with(signature, type, other, encoding));
                }
            }
        }

        for (boolean attached : new boolean[] {true, false}) {
            CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
            AttributeTable then = new AttributeTable(new Attribute(CMSAttributes.signingTime, new DERSet(new Time(date("2015-05-01")))));
            generator.addSignerInfoGenerator(new JcaSimpleSignerInfoGeneratorBuilder().setProvider("BC")
                .setSignedAttributeGenerator(new DefaultSignedAttributeTableGenerator(then))
                .build("SHA256withECDSA", key.getPrivate(), new JcaX509CertificateConverter().getCertificate(certificate)));
            generator.addCertificates(new CollectionStore<>(List.of(certificate)));
            CMSSignedData signature = generator.generate(new CMSProcessableByteArray(content), attached);
            byte[] outside = attached ? new byte[0] : content;
            signature = archived(signature, outside, first, "2015-06-01");
            signature = archived(signature, outside, second, "2016-10-01");
            String name = "archive2-" + (attached ? "attached" : "detached") + ".p7s";
            Files.write(folder.resolve(name), signature.toASN1Structure().getEncoded("DER"));
            // A certificate that was added afterwards was not covered.
            List<X509CertificateHolder> more = List.of(certificate, root);
            signature = CMSSignedData.replaceCertificatesAndCRLs(signature, new CollectionStore<>(more), signature.getAttributeCertificates(),
                signature.getCRLs());
            Files.write(folder.resolve("added-" + name), signature.toASN1Structure().getEncoded("DER"));
        }

        byte[] record = renewed(new ERSByteData(content), first, second).getEncoded();
        zip("simple.asics", "application/vnd.etsi.asic-s+zip", new Object[][] {
            {"signed.txt", content}, {"META-INF/evidencerecord.ers", record}});
        byte[] beside = "beside it".getBytes(StandardCharsets.UTF_8);
        ERSData group = new ERSDataGroup(new ERSByteData(content), new ERSByteData(beside));
        record = renewed(group, first, second).getEncoded();
        String manifest = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<asic:ASiCManifest xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\""
            + " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><asic:SigReference URI=\"META-INF/evidencerecord001.ers\"/>"
            + reference("signed.txt", content) + reference("beside.txt", beside) + "</asic:ASiCManifest>";
        Object[] about = {"META-INF/ASiCEvidenceRecordManifest001.xml", manifest.getBytes(StandardCharsets.UTF_8)};
        zip("extended.asice", "application/vnd.etsi.asic-e+zip", new Object[][] {
            {"signed.txt", content}, {"beside.txt", beside}, {"META-INF/evidencerecord001.ers", record}, about});
        zip("exchanged.asice", "application/vnd.etsi.asic-e+zip", new Object[][] {
            {"signed.txt", beside}, {"beside.txt", beside}, {"META-INF/evidencerecord001.ers", record}, about});
    }

    /** The signature with one archive-time-stamp-v2 more (RFC 5126 section 6.4.1) over all of it. */
    CMSSignedData archived(CMSSignedData signature, byte[] outside, Unit unit, String day) throws Exception {
        ASN1Sequence data = (ASN1Sequence) ContentInfo.getInstance(signature.toASN1Structure().getEncoded("DER")).getContent();
        ByteArrayOutputStream over = new ByteArrayOutputStream();
        // Version and digestAlgorithms are not covered.
        over.write(data.getObjectAt(2).toASN1Primitive().getEncoded("DER"));
        over.write(outside);
        for (int i = 3; i < data.size() - 1; i++) {
            over.write(data.getObjectAt(i).toASN1Primitive().getEncoded("DER"));
        }
        ASN1Sequence signer = (ASN1Sequence) ((ASN1Set) data.getObjectAt(data.size() - 1)).getObjectAt(0);
        for (ASN1Encodable field : signer) {
            over.write(field.toASN1Primitive().getEncoded("DER"));
        }
        byte[] imprint = java.security.MessageDigest.getInstance("SHA-256").digest(over.toByteArray());
        TimeStampResponse answer = unit.answer(requests().generate(TSPAlgorithms.SHA256, imprint), day);
        ASN1Encodable token = answer.getTimeStampToken().toCMSSignedData().toASN1Structure();
        ASN1ObjectIdentifier type = new ASN1ObjectIdentifier("1.2.840.113549.1.9.16.2.48");
        SignerInformation one = signature.getSignerInfos().getSigners().iterator().next();
        ASN1EncodableVector attributes = one.getUnsignedAttributes() == null ? new ASN1EncodableVector()
            : one.getUnsignedAttributes().toASN1EncodableVector();
        attributes.add(new Attribute(type, new DERSet(token)));
        one = SignerInformation.replaceUnsignedAttributes(one, new AttributeTable(attributes));
        return CMSSignedData.replaceSigners(signature, new SignerInformationStore(one));
    }

    static String reference(String name, byte[] content) throws Exception {
        byte[] hash = java.security.MessageDigest.getInstance("SHA-256").digest(content);
        return "<asic:DataObjectReference URI=\"" + name + "\"><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>"
            + "<ds:DigestValue>" + Base64.getEncoder().encodeToString(hash) + "</ds:DigestValue></asic:DataObjectReference>";
    }

    ERSEvidenceRecord renewed(ERSData data, Unit first, Unit second) throws Exception {
        List<ERSData> all = List.of(data, bytes("beside-0.bin"), bytes("beside-1.bin"));
        ERSEvidenceRecord record = containing(records(all, SHA256, first, "2015-06-01"), data);
        return record.renewTimeStamp(second.answer(record.generateTimeStampRenewalRequest(requests()), "2016-10-01"));
    }

    static byte[] with(CMSSignedData signature, ASN1ObjectIdentifier type, ERSEvidenceRecord record, String encoding) throws Exception {
        SignerInformation one = signature.getSignerInfos().getSigners().iterator().next();
        Attribute attribute = new Attribute(type, new DERSet(record.toASN1Structure()));
        one = SignerInformation.replaceUnsignedAttributes(one, new AttributeTable(attribute));
        return CMSSignedData.replaceSigners(signature, new SignerInformationStore(one)).toASN1Structure().getEncoded(encoding);
    }

    void zip(String name, String type, Object[][] files) throws Exception {
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(folder.resolve(name)))) {
            store(out, "mimetype", type.getBytes(StandardCharsets.US_ASCII));
            for (Object[] file : files) {
                store(out, (String) file[0], (byte[]) file[1]);
            }
        }
    }

    static void store(ZipOutputStream out, String name, byte[] content) throws Exception {
        CRC32 sum = new CRC32();
        sum.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(sum.getValue());
        out.putNextEntry(entry);
        out.write(content);
        out.closeEntry();
    }

    String written(String name, String text) throws Exception {
        Files.writeString(folder.resolve(name), text);
        return name;
    }

    ERSData bytes(String name) throws Exception {
        return new ERSByteData(Files.readAllBytes(folder.resolve(name)));
    }

    List<ERSEvidenceRecord> records(List<ERSData> data, ASN1ObjectIdentifier algorithm, Unit unit, String day) throws Exception {
        ERSArchiveTimeStampGenerator generator = new ERSArchiveTimeStampGenerator(digest(algorithm));
        generator.addAllData(data);
        TimeStampResponse answer = unit.answer(generator.generateTimeStampRequest(requests()), day);
        List<ERSArchiveTimeStamp> stamps = data.size() == 1
            ? List.of(generator.generateArchiveTimeStamp(answer))
            : generator.generateArchiveTimeStamps(answer);
        return new ERSEvidenceRecordGenerator(digests).generate(stamps);
    }

    static ERSEvidenceRecord containing(List<ERSEvidenceRecord> records, ERSData data) throws Exception {
        for (ERSEvidenceRecord record : records) {
            if (contains(record, data)) {
                return record;
            }
        }
        throw new IllegalStateException("no record is about the data");
    }

    static boolean contains(ERSEvidenceRecord record, ERSData data) {
        try {
            record.validatePresent(data, date("2015-07-01"));
            return true;
        } catch (Exception e) {
            return false;
        }
    }

    static String found(ERSEvidenceRecord record, List<String> names, List<ERSData> data) {
        for (int i = 0; i < names.size(); i++) {
            if (contains(record, data.get(i))) {
                return names.get(i);
            }
        }
        throw new IllegalStateException("the record is about none of the data");
    }

    void record(String name, ERSEvidenceRecord record, String day, List<String> about) throws Exception {
        Files.write(folder.resolve(name + ".ers"), record.getEncoded());
        plan.append(name).append(".ers\t").append(day).append("T00:00:00Z\t").append(String.join("\t", about)).append("\n");
    }
}
