using Lofizone.Interop;

namespace Lofizone.Hosts;

/// <summary>
/// Small files on this host, written atomically: temporary name, flush to stable storage, rename. Missing files and directories are usual,
/// so each call looks first: the first exception of a process takes longer than all else that the call does.
/// </summary>
public static class HostFile
{
    /// <summary>Limit for the size of this program's files on the host, bytes. Another program wrote a larger file.</summary>
    public const int LimitBytes = 1 << 20;

    /// <summary>Number of attempts to remove a directory that other processes still change, before the removal counts as failed.</summary>
    private const int RemoveAttempts = 1000;

    private const UnixFileMode PrivateDirectory = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Writes a file of mode 0600, and makes its directory (0700) when the directory is missing.</summary>
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

    /// <summary>The whole content of the file; null when the file does not exist.</summary>
    public static byte[]? Read(string path)
    {
        try
        {
            if (IsMissing(path))
                return null;
            using FileStream file = new(
                path,
                new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete });
            if (file.Length > LimitBytes)
                throw new LofizoneException(
                    $"{path}: {file.Length} bytes is more than any file of Lofizone has", "look at the file, and move it away");
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

    /// <summary>Removes a file. A missing file is no error.</summary>
    public static void Delete(string path)
    {
        try
        {
            if (!IsMissing(path))
                File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // The file does not exist.
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new LofizoneException($"{path}: could not be removed: {error.Message}", "run as root", error);
        }
    }

    /// <summary>Names in a directory; none when the directory does not exist.</summary>
    /// <exception cref="LofizoneException">The directory can't be read. An empty list would be a guess.</exception>
    public static IReadOnlyList<string> NamesIn(string directory)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(directory).Select(p => Path.GetFileName(p))];
        }
        catch (DirectoryNotFoundException) when (!File.Exists(directory))
        {
            // If the directory exists by now, another command made it a moment ago. The answer was true at the time of the question.
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
    /// Removes a directory with its content. A missing directory is no error. Files that another process makes there meanwhile (the files
    /// of a login, the note of a watch) are removed, too.
    /// </summary>
    public static void RemoveDirectory(string path)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                if (!IsMissing(path))
                    Directory.Delete(path, recursive: true);
                return;
            }
            catch (DirectoryNotFoundException) when (!Path.Exists(path))
            {
                return;
            }
            catch (IOException) when (attempt < RemoveAttempts)
            {
                // A name came or went between the listing and the removal, so the removal is repeated.
            }
        }
    }

    /// <summary>
    /// Removes an empty directory. A directory that is missing, or that another command has just put a file into, is no error.
    /// </summary>
    public static void RemoveEmptyDirectory(string path)
    {
        try
        {
            if (!IsMissing(path))
                Directory.Delete(path, recursive: false);
        }
        catch (IOException) when (!Directory.Exists(path) || Directory.EnumerateFileSystemEntries(path).Any())
        {
            // The directory is missing or not empty, which is no error.
        }
    }

    /// <summary>False also for a name that this user can't see, so that the next call tells the reason.</summary>
    private static bool IsMissing(string path) => FileStatus.At(path) is null;

    /// <summary>Makes a directory of mode 0700, with its parents. An existing directory keeps its mode.</summary>
    public static void MakeDirectory(string path) => Directory.CreateDirectory(path, PrivateDirectory);
}
