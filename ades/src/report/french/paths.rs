//! Certificates, revocation and keys, as `pki-path` and `pki-crypto` say it.

pub(super) const SENTENCES: &[(&str, &str)] = &[
    ("ECDSA with {}", "ECDSA avec {}"),
    ("RSA PKCS#1 v1.5 with {}", "RSA PKCS#1 v1.5 avec {}"),
    ("DSA with {}", "DSA avec {}"),
    ("RSA-PSS with {}", "RSA-PSS avec {}"),
    (
        "RSA-PSS with {}, MGF1 with {} and {} octets of salt",
        "RSA-PSS avec {}, MGF1 avec {} et {} octets de sel",
    ),
    (
        "certificate {} (serial {}): {}",
        "certificat {} (numéro de série {}) : {}",
    ),
    (
        "no certificate of its issuer {} is known",
        "aucun certificat de son émetteur {} n’est connu",
    ),
    (
        "no path leads from it to a trust anchor",
        "aucun chemin ne mène de lui à un certificat de confiance",
    ),
    (
        "the path is longer than {} certificates",
        "le chemin compte plus de {} certificats",
    ),
    (
        "validation was stopped: too many {}",
        "la validation a été arrêtée : trop de {}",
    ),
    (
        "its signature does not verify with the key of {}: {}",
        "sa signature ne se vérifie pas avec la clé de {} : {}",
    ),
    ("its key cannot be used: {}", "sa clé est inutilisable : {}"),
    (
        "it is valid only from {}, and the time is {}",
        "il n’est valide qu’à partir du {}, et la date est le {}",
    ),
    (
        "it expired at {}, and the time is {}",
        "il a expiré le {}, et la date est le {}",
    ),
    ("its issuer {} is not {}", "son émetteur {} n’est pas {}"),
    (
        "its extension {} is malformed",
        "son extension {} est mal formée",
    ),
    (
        "its extension {} is there more than once",
        "son extension {} s’y trouve plus d’une fois",
    ),
    (
        "its critical extension {} is not understood",
        "son extension critique {} n’est pas comprise",
    ),
    (
        "it is not a CA certificate, and another certificate was issued under it",
        "ce n’est pas un certificat d’autorité, et un autre certificat a été délivré sous lui",
    ),
    (
        "its keyUsage does not allow signing certificates",
        "son keyUsage ne permet pas de signer des certificats",
    ),
    (
        "more CA certificates follow below than pathLenConstraint allows",
        "plus de certificats d’autorité suivent que pathLenConstraint n’en permet",
    ),
    (
        "its name {} is outside the subtrees that the CA above may name",
        "son nom {} est hors des sous-arbres que l’autorité supérieure peut nommer",
    ),
    (
        "its name {} is inside a subtree that the CA above is excluded from",
        "son nom {} est dans un sous-arbre dont l’autorité supérieure est exclue",
    ),
    (
        "a name constraint of a form that cannot be evaluated applies to it",
        "une contrainte de nom d’une forme qui ne peut être évaluée s’y applique",
    ),
    (
        "its policyMappings maps from or to anyPolicy",
        "son policyMappings met anyPolicy en correspondance",
    ),
    (
        "no certificate policy that is required runs through the path",
        "aucune politique de certification exigée ne traverse le chemin",
    ),
    (
        "its extendedKeyUsage does not include {}",
        "son extendedKeyUsage ne comprend pas {}",
    ),
    (
        "its revocation status is not known: {}",
        "son état de révocation n’est pas connu : {}",
    ),
    ("it was revoked at {}", "il a été révoqué le {}"),
    ("it was revoked at {} ({})", "il a été révoqué le {} ({})"),
    ("signatures verified", "signatures vérifiées"),
    ("paths tried", "chemins essayés"),
    ("issuers considered", "émetteurs envisagés"),
    (
        "name constraint comparisons",
        "comparaisons avec des contraintes de nom",
    ),
    ("policy graph nodes", "nœuds du graphe des politiques"),
    ("too many {}", "trop de {}"),
    (
        "it has a critical extension that is not understood",
        "une de ses extensions critiques n’est pas comprise",
    ),
    (
        "it claims to be made in the future",
        "sa date prétendue est dans le futur",
    ),
    (
        "its issuingDistributionPoint is malformed",
        "son issuingDistributionPoint est mal formé",
    ),
    (
        "its responder's certificate is not at hand",
        "le certificat de son répondeur n’est pas disponible",
    ),
    (
        "the keyUsage of {} does not allow signing CRLs",
        "le keyUsage de {} ne permet pas de signer des listes de révocation (CRL)",
    ),
    (
        "its signer rests on too many other CRLs",
        "son signataire dépend de trop d’autres listes de révocation (CRL)",
    ),
    (
        "its signer is not valid: {}",
        "son signataire n’est pas valable : {}",
    ),
    (
        "its signer {} was issued by {}, not by the CA that issued the certificate",
        "le certificat de son signataire {} a été délivré par {}, non par l’autorité qui a délivré le certificat",
    ),
    (
        "its signer {} was not signed by the CA: {}",
        "le certificat de son signataire {} n’a pas été signé par l’autorité : {}",
    ),
    (
        "it has an entry that is malformed",
        "une de ses entrées est mal formée",
    ),
    (
        "its signer {} was certified by an authority that is not above the certificate",
        "le certificat de son signataire {} vient d’une autorité qui n’est pas au-dessus du certificat",
    ),
    (
        "its signer {} lacks the key usage OCSPSigning",
        "le certificat de son signataire {} n’a pas l’usage OCSPSigning",
    ),
    (
        "the keyUsage of its signer {} forbids signing",
        "le keyUsage de son signataire {} interdit de signer",
    ),
    (
        "its signer {} was not valid at {}",
        "le certificat de son signataire {} n’était pas valable le {}",
    ),
    (
        "its signer {} is the one whom the answer is about",
        "son signataire {} est celui dont parle la réponse",
    ),
    (
        "its signer {} was revoked at {}",
        "le certificat de son signataire {} a été révoqué le {}",
    ),
    (
        "its signer {} has no id-pkix-ocsp-nocheck, and whether it was revoked is not known",
        "le certificat de son signataire {} n’a pas d’id-pkix-ocsp-nocheck, et on ne sait pas s’il a été révoqué",
    ),
    (
        "digest algorithm {} is not supported",
        "l’algorithme d’empreinte {} n’est pas pris en charge",
    ),
    (
        "RSA-1024 and other short RSA",
        "RSA-1024 et autres RSA courtes",
    ),
    (
        "they ended on 2010-12-31 (TS 119 312)",
        "elles ont pris fin le 31 décembre 2010 (TS 119 312)",
    ),
    (
        "they ended on 2024-02-03 (FIPS 186-5)",
        "elles ont pris fin le 3 février 2024 (FIPS 186-5)",
    ),
    (
        "they ended on 2013-12-31 (NIST SP 800-131A)",
        "elles ont pris fin le 31 décembre 2013 (NIST SP 800-131A)",
    ),
    (
        "TS 119 312 V2.1.1 lists no curve below 256 bits",
        "TS 119 312 V2.1.1 ne mentionne aucune courbe de moins de 256 bits",
    ),
    (
        "not a SubjectPublicKeyInfo",
        "ce n’est pas un SubjectPublicKeyInfo",
    ),
    (
        "the BIT STRING has unused bits",
        "la BIT STRING a des bits inutilisés",
    ),
    ("the curve is not named", "la courbe n’est pas nommée"),
    ("not an RSAPublicKey", "ce n’est pas une RSAPublicKey"),
    (
        "an Ed25519 key has 32 octets",
        "une clé Ed25519 compte 32 octets",
    ),
    ("not a DSA key", "ce n’est pas une clé DSA"),
    (
        "an Ed448 key has 57 octets",
        "une clé Ed448 compte 57 octets",
    ),
    (
        "an ML-DSA key of another length",
        "une clé ML-DSA d’une autre longueur",
    ),
    ("cannot be encoded", "impossibles à encoder"),
    ("absent", "absents"),
    ("malformed", "mal formés"),
    ("mask generation function", "fonction de masquage"),
    (
        "mask generation function is not MGF1",
        "la fonction de masquage n’est pas MGF1",
    ),
    ("trailer field is not 1", "le champ de fin n’est pas 1"),
    (
        "give the certificate of {}, as a trust anchor if you trust it or as a further certificate if it leads to one",
        "donnez le certificat de {}, comme certificat de confiance si vous lui faites confiance, ou comme certificat intermédiaire s’il y mène",
    ),
    (
        "give the root certificate that you trust, or the missing certificates between",
        "donnez le certificat racine auquel vous faites confiance, ou les certificats intermédiaires qui manquent",
    ),
    (
        "a proof that the signature existed before {} would change this",
        "une preuve que la signature existait avant le {} y changerait quelque chose",
    ),
    (
        "check the clock; the certificate begins at {}",
        "vérifiez l’horloge ; le certificat commence le {}",
    ),
    (
        "accept another policy, or do not require an explicit policy",
        "acceptez une autre politique, ou n’exigez pas de politique explicite",
    ),
    (
        "offer fewer certificates, or raise the budget for input you trust",
        "proposez moins de certificats, ou relevez la limite pour des données de confiance",
    ),
    (
        "no CRL or OCSP response for certificates of {} was found",
        "aucune liste de révocation (CRL) ni réponse OCSP pour les certificats de {} n’a été trouvée",
    ),
    (
        "the newest {} (of {}) is not current at {}",
        "l’information la plus récente ({} du {}) n’est pas à jour au {}",
    ),
    (
        "the {} of {} was made after the certificate ended at {}, and does not say that it keeps expired certificates",
        "l’information ({} du {}) est postérieure à la fin du certificat ({}) et ne dit pas qu’elle conserve les certificats expirés",
    ),
    (
        "the {} of {} was made before the certificate began at {}",
        "l’information ({} du {}) est antérieure au début du certificat ({})",
    ),
    (
        "give a CRL or OCSP response from before the certificate ended",
        "donnez une liste de révocation (CRL) ou une réponse OCSP d’avant la fin du certificat",
    ),
    (
        "the {} cannot be trusted: {}",
        "{} : pas digne de confiance, {}",
    ),
    ("OCSP response", "réponse OCSP"),
    (
        "{}, with which it is signed, is not reliable any more since {}",
        "{}, avec lequel elle est signée, n’est plus fiable depuis le {}",
    ),
    (
        "{}, with which it is signed, is not accepted by the policy",
        "{}, avec lequel elle est signée, n’est pas accepté par la politique",
    ),
    (
        "the {} cannot be trusted any more: the certificate of its signer {} ended at {}",
        "{} : plus digne de confiance, car le certificat de son signataire {} a pris fin le {}",
    ),
    (
        "the CRLs at hand do not cover the certificate for all reasons",
        "les listes de révocation disponibles ne couvrent pas le certificat pour tous les motifs",
    ),
    (
        "the OCSP responder answers that it does not know the certificate",
        "le répondeur OCSP répond qu’il ne connaît pas le certificat",
    ),
    (
        "give a CRL or OCSP response; the certificate names {}",
        "donnez une liste de révocation (CRL) ou une réponse OCSP ; le certificat indique {}",
    ),
    (
        "give a CRL of {}",
        "donnez une liste de révocation (CRL) de {}",
    ),
    (
        "fetch a newer CRL or OCSP response",
        "obtenez une liste de révocation (CRL) ou une réponse OCSP plus récente",
    ),
    (
        "give the other CRLs that the certificate's distribution points name",
        "donnez les autres listes de révocation (CRL) que le certificat indique",
    ),
    (
        "give the certificate that signed it, or evidence signed by the CA",
        "donnez le certificat qui l’a signée, ou une preuve signée par l’autorité",
    ),
    (
        "{} proves nothing: its digest is broken",
        "{} ne prouve rien : son empreinte est cassée",
    ),
    (
        "the signature algorithm inside the signed part differs from the one outside",
        "l’algorithme de signature dans la partie signée diffère de celui du dehors",
    ),
    (
        "{} keys are too weak: {}",
        "les clés {} sont trop faibles : {}",
    ),
    (
        "signature algorithm {} is not supported",
        "l’algorithme de signature {} n’est pas pris en charge",
    ),
    (
        "RSASSA-PSS parameters are not supported: {}",
        "ces paramètres RSASSA-PSS ne sont pas pris en charge : {}",
    ),
    (
        "public key is malformed: {}",
        "la clé publique est mal formée : {}",
    ),
    (
        "public key algorithm {} is not supported",
        "l’algorithme de clé publique {} n’est pas pris en charge",
    ),
    (
        "elliptic curve {} is not supported",
        "la courbe elliptique {} n’est pas prise en charge",
    ),
    (
        "the signature value does not fit the signed bytes and the key",
        "la valeur de signature ne correspond pas aux octets signés et à la clé",
    ),
    (
        "a signature of {} cannot come from a {} key",
        "une signature {} ne peut venir d’une clé {}",
    ),
    (
        "{} with a {} key is not supported",
        "{} avec une clé {} n’est pas pris en charge",
    ),
    (
        "a {} digest was given where {} was to be verified",
        "une empreinte {} a été donnée où {} était à vérifier",
    ),
];
