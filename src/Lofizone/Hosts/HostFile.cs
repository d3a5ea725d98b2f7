using Lofizone.Interop;

namespace Lofizone.Hosts;

/// <summary>Small files on this host, written whole or not at all: temporary name, flush to stable storage, rename.</summary>
public static class HostFile
{
    /// <summary>No file of ours on the host is larger; bytes. What is larger was not written by us.</summary>
    public const int LimitBytes = 1 << 20;

    /// <summary>Looks into a directory that others still change, before that counts as a failure.</summary>
    private const int RemoveAttempts = 20;

    private const UnixFileMode PrivateDirectory = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Writes a file of mode 0600, making its directory (0700) when that is missing.</summary>
    /// <exception cref="LofizoneException">The file system refused: full, read-only, not root.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        string directory = Path.GetDirectoryName(path)!;
        try
        {
            MakeDirectory(directory);
            using FileDescriptor open = Files.Open(directory, OpenFlags.Directory);
            AtomicWrite.Write(open, Path.GetFileName(path), content);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new LofizoneException(
                $"{path}: could not be written: {error.Message}", "run as root, and see that the file system has space and is writable",
                error);
        }
    }

    /// <summary>The whole file, or null when it isn't there.</summary>
    public static byte[]? Read(string path)
    {
        try
        {
            using FileStream file = new(
                path,
                new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete });
            if (file.Length > LimitBytes)
                throw new LofizoneException(
                    $"{path}: {file.Length} bytes is more than any file of ours has", "look at the file, and move it away");
            byte[] content = new byte[file.Length];
            file.ReadExactly(content);
            return content;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new LofizoneException($"{path}: could not be read: {error.Message}", "run as root", error);
        }
    }

    /// <summary>Removes a file; one that isn't there is fine.</summary>
    public static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing to remove.
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new LofizoneException($"{path}: could not be removed: {error.Message}", "run as root", error);
        }
    }

    /// <summary>Names in a directory; none when the directory isn't there.</summary>
    /// <exception cref="LofizoneException">It can't be read: that it holds nothing would be a guess.</exception>
    public static IReadOnlyList<string> NamesIn(string directory)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(directory).Select(p => Path.GetFileName(p))];
        }
        catch (DirectoryNotFoundException) when (!File.Exists(directory))
        {
            // A directory that is there by now was made by another command a moment ago: the answer was true when it was asked for.
            return [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new LofizoneException(
                $"{directory}: can't be read: {error.Message}",
                Environment.IsPrivilegedProcess ? "see what is at that path" : "run it as root, for example with sudo", error);
        }
    }

    /// <summary>
    /// Removes a directory with all in it; one that is not there is fine. What another process makes in it meanwhile (a login its files, a
    /// watch its note) is removed, too.
    /// </summary>
    public static void RemoveDirectory(string path)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                Directory.Delete(path, recursive: true);
                return;
            }
            catch (DirectoryNotFoundException) when (!Path.Exists(path))
            {
                return;
            }
            catch (IOException) when (attempt < RemoveAttempts)
            {
                // Something came or went between the look and the removal: look again.
            }
        }
    }

    /// <summary>
    /// Removes a directory that holds nothing; one that is not there, or that another command has put something into just now, is fine.
    /// </summary>
    public static void RemoveEmptyDirectory(string path)
    {
        try
        {
            Directory.Delete(path, recursive: false);
        }
        catch (IOException) when (!Directory.Exists(path) || Directory.EnumerateFileSystemEntries(path).Any())
        {
            // As the summary says.
        }
    }

    /// <summary>Creates a directory of mode 0700 with its parents; one that exists keeps its mode.</summary>
    public static void MakeDirectory(string path) => Directory.CreateDirectory(path, PrivateDirectory);
}
