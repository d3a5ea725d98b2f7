using System.Globalization;
using System.Text;
using System.Text.Json;
using Lofizone.Hosts;
using Lofizone.Interop;

namespace Lofizone.Engine;

/// <summary>The files in an engine's runtime directory <c>/run/lofizone/lofi/N</c> (mode 0700).</summary>
internal sealed record EngineDirectory(string Path)
{
    /// <summary>Number of the device.</summary>
    public int Number => int.Parse(System.IO.Path.GetFileName(Path), CultureInfo.InvariantCulture);

    /// <summary>What the launcher tells the engine.</summary>
    public string Parameters => System.IO.Path.Combine(Path, "parameters.json");

    /// <summary>
    /// The parameters of an engine that is being ended: out of a starting engine's sight, kept until its claim on the server is released.
    /// </summary>
    public string Claim => System.IO.Path.Combine(Path, "claim.json");

    /// <summary>Which process the engine is; the first thing it writes, and the last it removes when it ends in order.</summary>
    public string Process => System.IO.Path.Combine(Path, "process.json");

    /// <summary>Which process the keeper is: number and start time; the first thing it writes.</summary>
    public string Keeper => System.IO.Path.Combine(Path, "keeper");

    /// <summary>Which process looks after a device without an engine: number and start time.</summary>
    public string Watch => System.IO.Path.Combine(Path, "watch");

    /// <summary>The control socket.</summary>
    public string Control => System.IO.Path.Combine(Path, ControlName);

    /// <summary>Written once when the engine is fenced; see <see cref="EngineFence"/>.</summary>
    public string Fence => System.IO.Path.Combine(Path, "fence.json");

    /// <summary>Written by a keeper that starts no other engine: why not, in words.</summary>
    private string GaveUp => System.IO.Path.Combine(Path, "gave-up");

    /// <summary>Longest reason that is read, bytes.</summary>
    private const int GaveUpLimitBytes = 1024;

    public void WriteGaveUp(string why) => WriteVolatile(GaveUp, Encoding.UTF8.GetBytes(why));

    /// <summary>Null when no keeper has given up, or none of this directory's was there to.</summary>
    public string? ReadGaveUp() => HostFile.Read(GaveUp) is { } why
        ? Encoding.UTF8.GetString(why.AsSpan(0, Math.Min(why.Length, GaveUpLimitBytes)))
        : null;

    /// <summary>Made when the engine was ended because its server did not answer.</summary>
    private string Silent => System.IO.Path.Combine(Path, "silent");

    /// <summary>How long what was found out about a server holds: for the command that found it out.</summary>
    private static readonly TimeSpan _silenceLimit = TimeSpan.FromSeconds(10);

    public void NoteSilent() => File.WriteAllBytes(Silent, []);

    /// <summary>The engine was ended just now because its server did not answer: there is no use in asking it for anything.</summary>
    public bool WasSilent(TimeProvider time) => File.Exists(Silent) && time.GetUtcNow() - File.GetLastWriteTimeUtc(Silent) < _silenceLimit;

    /// <summary>There while writing is held because the share is full: since when.</summary>
    private string Held => System.IO.Path.Combine(Path, "held");

    /// <summary>There while the server of a device without an engine does not answer: since when.</summary>
    private string Away => System.IO.Path.Combine(Path, "away");

    /// <summary>Notes since when writing is held; null that it is not.</summary>
    public void NoteHeld(DateTimeOffset? since) => NoteSince(Held, since);

    public DateTimeOffset? ReadHeld() => ReadSince(Held);

    /// <summary>Notes since when the server does not answer; null that it does.</summary>
    public void NoteAway(DateTimeOffset? since) => NoteSince(Away, since);

    public DateTimeOffset? ReadAway() => ReadSince(Away);

    private static void NoteSince(string file, DateTimeOffset? since)
    {
        if (since is { } at)
            WriteVolatile(file, Encoding.ASCII.GetBytes(at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)));
        else
            File.Delete(file);
    }

    private static DateTimeOffset? ReadSince(string file) =>
        HostFile.Read(file) is { } text && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long at)
            && at <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(at)
            : null;

    /// <summary>The engine has been fenced: nothing can be stored through it any more.</summary>
    public bool IsFenced => File.Exists(Fence);

    /// <summary>The regular file on which the image appears, by FUSE.</summary>
    public string Image => System.IO.Path.Combine(Path, "image");

    public const string ControlName = "control";

    /// <summary>The engine's process as it wrote it down; null when it has not yet.</summary>
    public ProcessIdentity? ReadProcess() =>
        HostFile.Read(Process) is { } json ? JsonSerializer.Deserialize(json, EngineJson.Default.EngineProcessRecord)?.Identity : null;

    /// <summary>The keeper's process as it wrote it down; null when it has not yet.</summary>
    public ProcessIdentity? ReadKeeper() => ReadIdentity(Keeper);

    /// <summary>The process that looks after a device without an engine; null when there is none.</summary>
    public ProcessIdentity? ReadWatch() => ReadIdentity(Watch);

    private static ProcessIdentity? ReadIdentity(string file)
    {
        if (HostFile.Read(file) is not { } text)
            return null;
        string[] fields = Encoding.ASCII.GetString(text).Split(' ', '\n');
        return fields.Length >= 2 && int.TryParse(fields[0], CultureInfo.InvariantCulture, out int pid)
            && long.TryParse(fields[1], CultureInfo.InvariantCulture, out long start)
            ? new ProcessIdentity(pid, start)
            : null;
    }

    /// <summary>Written by the keeper itself; no JSON, to keep it small.</summary>
    public void WriteKeeper(ProcessIdentity keeper) => WriteIdentity(Keeper, keeper);

    /// <summary>Written by the watch itself.</summary>
    public void WriteWatch(ProcessIdentity watch) => WriteIdentity(Watch, watch);

    private static void WriteIdentity(string file, ProcessIdentity process) =>
        WriteVolatile(file, Encoding.ASCII.GetBytes($"{process.Pid} {process.StartTicks}\n"));

    /// <summary>Written by the engine itself.</summary>
    public void WriteProcess(ProcessIdentity engine) =>
        WriteVolatile(
            Process,
            JsonSerializer.SerializeToUtf8Bytes(
                new EngineProcessRecord(engine.Pid, engine.StartTicks), EngineJson.Default.EngineProcessRecord));

    /// <summary>
    /// Whole or not at all, but not flushed: it means nothing after a crash of the host, and an engine that goes on for another is in a
    /// hurry.
    /// </summary>
    private static void WriteVolatile(string path, ReadOnlySpan<byte> content)
    {
        string temporary = $"{path}.{Environment.ProcessId}";
        File.WriteAllBytes(temporary, content);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>
    /// Takes the parameters away from an engine that has not read them yet, and returns them; null when there never were any.
    /// May be repeated by another command after this one was killed.
    /// </summary>
    public EngineParameters? TakeParameters()
    {
        if (File.Exists(Parameters))
            File.Move(Parameters, Claim, overwrite: true);
        return HostFile.Read(Claim) is { } json ? JsonSerializer.Deserialize(json, EngineJson.Default.EngineParameters) : null;
    }

    /// <summary>Gives the parameters back: the engine goes on, and with it its keeper's watch.</summary>
    public void GiveParametersBack()
    {
        if (File.Exists(Claim))
            File.Move(Claim, Parameters, overwrite: true);
    }

    /// <summary>
    /// Ends keeper and engine at once: whatever waits for them in the kernel fails and is free. Without the parameters neither starts the
    /// other again: who starts writes itself down first, and finds none then.
    /// </summary>
    public void Kill()
    {
        TakeParameters();
        HashSet<ProcessIdentity> killed = [];
        while (true)
        {
            ProcessIdentity[] alive = [.. new[] { ReadKeeper(), ReadProcess() }.OfType<ProcessIdentity>().Where(p => killed.Add(p))];
            if (alive.Length == 0)
                break;
            foreach (ProcessIdentity process in alive)
                Processes.Send(process, Signal.Kill);
        }

        AbortRequests();
    }

    /// <summary>
    /// Ends the requests that wait for the engine, without waiting for its end: one that is itself held up in the kernel until such a
    /// request is answered (memory that is written back to its device) could not die otherwise.
    /// </summary>
    private void AbortRequests()
    {
        try
        {
            Mount.Detach(Image, UnmountFlags.Force | UnmountFlags.NoFollow);
        }
        catch (LinuxException e) when (e.Errno is Errno.EBUSY or Errno.EINVAL or Errno.ENOENT)
        {
            // Aborted, though its device still has it open; or not mounted (yet).
        }
    }

    /// <summary>Takes the mount and files of engines and keepers that have ended away; false when there was nothing.</summary>
    public bool Remove()
    {
        if (!Directory.Exists(Path))
            return false;
        while (MountTable.Read().At(Image) is not null)
            Mount.Detach(Image, UnmountFlags.Detach | UnmountFlags.NoFollow);
        HostFile.RemoveDirectory(Path);
        return true;
    }
}
