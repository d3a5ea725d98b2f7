using System.Globalization;
using System.Text;
using System.Text.Json;
using Lofizone.Hosts;
using Lofizone.Interop;

namespace Lofizone.Lofi;

/// <summary>The files in an engine's runtime directory <c>/run/lofizone/lofi/N</c> (mode 0700).</summary>
internal sealed record EngineDirectory(string Path)
{
    /// <summary>Number of the device.</summary>
    public int Number => int.Parse(System.IO.Path.GetFileName(Path), CultureInfo.InvariantCulture);

    /// <summary>What the launcher tells the engine.</summary>
    public string Parameters => System.IO.Path.Combine(Path, "parameters.json");

    /// <summary>The parameters of an engine that is being ended: out of a starting engine's sight, kept until its claim on the server is released.</summary>
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
        return fields.Length >= 2 && int.TryParse(fields[0], CultureInfo.InvariantCulture, out int pid) && long.TryParse(fields[1], CultureInfo.InvariantCulture, out long start)
            ? new ProcessIdentity(pid, start)
            : null;
    }

    /// <summary>Written by the keeper itself; no JSON, to keep it small.</summary>
    public void WriteKeeper(ProcessIdentity keeper) => WriteIdentity(Keeper, keeper);

    /// <summary>Written by the watch itself.</summary>
    public void WriteWatch(ProcessIdentity watch) => WriteIdentity(Watch, watch);

    private static void WriteIdentity(string file, ProcessIdentity process) =>
        WriteVolatile(file, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{process.Pid} {process.StartTicks}\n")));

    /// <summary>Written by the engine itself.</summary>
    public void WriteProcess(ProcessIdentity engine) =>
        WriteVolatile(Process, JsonSerializer.SerializeToUtf8Bytes(new EngineProcessRecord(engine.Pid, engine.StartTicks), EngineJson.Default.EngineProcessRecord));

    /// <summary>Whole or not at all, but not flushed: it means nothing after a crash of the host, and an engine that goes on for another is in a hurry.</summary>
    private static void WriteVolatile(string path, ReadOnlySpan<byte> content)
    {
        string temporary = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}");
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
                return;
            foreach (ProcessIdentity process in alive)
                Processes.Send(process, Signal.Kill);
        }
    }

    /// <summary>Takes the mount and files of engines and keepers that have ended away; false when there was nothing.</summary>
    public bool Remove()
    {
        if (!Directory.Exists(Path))
            return false;
        while (MountTable.Read().At(Image) is not null)
            Mount.Detach(Image, UnmountFlags.Detach | UnmountFlags.NoFollow);
        Directory.Delete(Path, recursive: true);
        return true;
    }
}
