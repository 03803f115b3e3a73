import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Security;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.pkcs.PKCS12PfxPduBuilder;
import org.bouncycastle.pkcs.PKCS12SafeBag;
import org.bouncycastle.pkcs.jcajce.JcaPKCS12SafeBagBuilder;
import org.bouncycastle.pkcs.jcajce.JcePKCS12MacCalculatorBuilder;
import org.bouncycastle.pkcs.jcajce.JcePKCSPBEOutputEncryptorBuilder;

/**
 * What Java and BouncyCastle make of keystores, for the tests.
 *
 * open PASSWORD-FILE FILE...             opens each with both, uses each key, prints a line for each entry
 * write JOBS                             writes keystores again, one for each line of a file, in which tabs separate
 *                                        IN, PASSWORD-FILE, OUT, PASSWORD-FILE, PLACE (of BouncyCastle among the
 *                                        providers, 0 for none, 1 for the first), PROVIDER, TYPE, and legacy or new
 * gcm IN PASSWORD-FILE OUT               the same in AES-GCM, which only BouncyCastle's own builders write
 * secret OUT PASSWORD-FILE               a file with a secret key called "shared"
 */
public class Keystores {
    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "open" -> {
                for (String provider : new String[] {"SUN", "BC"}) {
                    if (provider.equals("BC")) {
                        Security.addProvider(new BouncyCastleProvider());
                    }
                    for (int at = 2; at < arguments.length; at++) {
                        show(provider, Path.of(arguments[at]), secret(arguments[1]));
                    }
                }
            }
            case "write" -> {
                for (String job : Files.readAllLines(Path.of(arguments[1]))) {
                    write(job.split("\t"));
                }
            }
            case "gcm" -> gcm(arguments);
            case "secret" -> {
                KeyStore store = KeyStore.getInstance("PKCS12");
                store.load(null, null);
                char[] password = secret(arguments[2]);
                SecretKey key = new SecretKeySpec(new byte[16], "AES");
                store.setEntry("shared", new KeyStore.SecretKeyEntry(key), new KeyStore.PasswordProtection(password));
                save(store, arguments[1], password);
            }
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    /** Prints file, provider, alias, kind, length of the chain and whether the key is that of the certificate. */
    private static void show(String provider, Path file, char[] password) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12", provider);
            try (InputStream input = Files.newInputStream(file)) {
                store.load(input, password);
            }
            for (String alias : Collections.list(store.aliases())) {
                Certificate[] chain = store.getCertificateChain(alias);
                String kind = "certificate";
                String verdict = "ok";
                if (store.isKeyEntry(alias)) {
                    Key key = store.getKey(alias, password);
                    kind = key instanceof PrivateKey ? "key" : "secret";
                    verdict = !(key instanceof PrivateKey) ? "ok"
                            : chain == null ? "bare" : belong((PrivateKey) key, chain[0]) ? "ok" : "mismatch";
                }
                print(file, provider, alias, kind, chain == null ? 0 : chain.length, verdict);
            }
            print(file, provider, "", "end", store.size(), "ok");
        } catch (Exception | Error failure) {
            print(file, provider, "", "end", 0, failure.getClass().getSimpleName());
        }
    }

    private static boolean belong(PrivateKey key, Certificate certificate) throws GeneralSecurityException {
        String algorithm = key.getAlgorithm().startsWith("EC") ? "SHA256withECDSA" : "SHA256withRSA";
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        byte[] signed = signature.sign();
        signature = Signature.getInstance(algorithm);
        signature.initVerify(certificate.getPublicKey());
        return signature.verify(signed);
    }

    private static void print(Object... parts) {
        List<String> line = new ArrayList<>();
        for (Object part : parts) {
            line.add(part.toString());
        }
        System.out.println(String.join("\t", line));
    }

    private static void write(String[] job) throws Exception {
        char[] before = secret(job[1]);
        char[] password = secret(job[3]);
        KeyStore in = read(job[0], before);
        List<Object[]> entries = new ArrayList<>();
        for (String alias : Collections.list(in.aliases())) {
            if (in.isKeyEntry(alias)) {
                entries.add(new Object[] {alias, in.getKey(alias, before), in.getCertificateChain(alias)});
            }
        }
        if (job[7].equals("legacy")) {
            System.setProperty("keystore.pkcs12.legacy", "true");
        }
        if (!job[4].equals("0")) {
            Security.insertProviderAt(new BouncyCastleProvider(), Integer.parseInt(job[4]));
        }
        try {
            KeyStore out = KeyStore.getInstance(job[6], job[5]);
            out.load(null, null);
            for (Object[] entry : entries) {
                out.setKeyEntry((String) entry[0], (Key) entry[1], password, (Certificate[]) entry[2]);
            }
            save(out, job[2], password);
        } finally {
            Security.removeProvider("BC");
            System.clearProperty("keystore.pkcs12.legacy");
        }
    }

    private static void gcm(String[] arguments) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        char[] password = secret(arguments[2]);
        KeyStore in = read(arguments[1], password);
        PKCS12PfxPduBuilder file = new PKCS12PfxPduBuilder();
        List<PKCS12SafeBag> certificates = new ArrayList<>();
        for (String alias : Collections.list(in.aliases())) {
            if (in.isKeyEntry(alias)) {
                var key = new JcaPKCS12SafeBagBuilder((PrivateKey) in.getKey(alias, password), gcmWith(password));
                file.addData(key.build());
                X509Certificate leaf = (X509Certificate) in.getCertificate(alias);
                certificates.add(new JcaPKCS12SafeBagBuilder(leaf).build());
            }
        }
        file.addEncryptedData(gcmWith(password), certificates.toArray(new PKCS12SafeBag[0]));
        var mac = new JcePKCS12MacCalculatorBuilder(NISTObjectIdentifiers.id_sha256).setProvider("BC");
        Files.write(Path.of(arguments[3]), file.build(mac, password).getEncoded());
    }

    private static org.bouncycastle.operator.OutputEncryptor gcmWith(char[] password) throws Exception {
        return new JcePKCSPBEOutputEncryptorBuilder(NISTObjectIdentifiers.id_aes256_GCM)
                .setProvider("BC").setIterationCount(2048).build(password);
    }

    private static KeyStore read(String file, char[] password) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream input = new FileInputStream(file)) {
            store.load(input, password);
        }
        return store;
    }

    private static void save(KeyStore store, String file, char[] password)
            throws GeneralSecurityException, IOException {
        try (OutputStream output = new FileOutputStream(file)) {
            store.store(output, password);
        }
    }

    /** A password, from a file in UTF-8. */
    private static char[] secret(String file) throws IOException {
        return Files.readString(Path.of(file), StandardCharsets.UTF_8).toCharArray();
    }
}
