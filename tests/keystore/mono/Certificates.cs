using System;
using System.IO;
using System.Security.Cryptography.X509Certificates;

/// Certificates.exe PASSWORD-FILE KEYSTORE: whether X509Certificate2 finds a private key, or why it does not open it.
static class Certificates
{
    static int Main(string[] arguments)
    {
        string password = File.ReadAllText(arguments[0]).TrimEnd('\n');
        try
        {
            var found = new X509Certificate2(arguments[1], password, X509KeyStorageFlags.Exportable);
            Console.WriteLine(found.HasPrivateKey);
        }
        catch (Exception error)
        {
            Console.WriteLine((error.InnerException ?? error).Message);
        }
        return 0;
    }
}
