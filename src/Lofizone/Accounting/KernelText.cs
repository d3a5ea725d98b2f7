using System.Globalization;
using System.Text;
using Lofizone.Interop;

namespace Lofizone.Accounting;

/// <summary>Texts of /proc, /sys and cgroups. A file that a kernel, a cgroup or an ended process lacks is usual, and null.</summary>
internal static class KernelText
{
    /// <summary>
    /// Longest text, bytes. Most files are short. A zone can make <c>/proc/PID/net/dev</c> long with interfaces of its own.
    /// </summary>
    private const int LimitBytes = 64 << 10;

    public static string? Read(string path)
    {
        // The look saves the exception, which costs far more than a missing file does.
        if (!File.Exists(path))
            return null;
        try
        {
            using FileDescriptor file = Files.Open(path, OpenFlags.ReadOnly);
            return Encoding.ASCII.GetString(RegularFile.Read(file, LimitBytes));
        }
        catch (LinuxException)
        {
            return null;
        }
    }

    /// <summary>The file's only number; null when there is none, as in a limit that is <c>max</c>.</summary>
    public static long? Number(string? text) =>
        long.TryParse(text?.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : null;

    /// <summary>The number behind a key of lines <c>KEY NUMBER</c> or <c>KEY: NUMBER kB</c>.</summary>
    public static long? Number(string? text, string key)
    {
        foreach (string line in (text ?? "").Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 1 && words[0].TrimEnd(':') == key)
                return Number(words[1]);
        }

        return null;
    }
}
