using System.Globalization;
using System.Text.Json;
using Lofizone.Programs;

namespace Lofizone.Bench;

/// <summary>Our path: <c>mkfile</c> and <c>lofiadm -a</c> with the share's URI.</summary>
public sealed class EnginePath(BenchOptions options, HostCommands host) : IDataPath
{
    /// <summary>The engine, also on a machine whose kernel could carry the blocks.</summary>
    private readonly string _uri = $"{options.Share}/bench-engine.img?connections={options.Connections}&transport=user";
    private string? _device;

    public string Name => "lofizone";

    public async Task<string> AttachAsync(long bytes, CancellationToken cancellation)
    {
        await host.RunAsync("mkfile", ["-n", (bytes >> 20).ToString(CultureInfo.InvariantCulture) + "m", _uri], cancellation);
        ProgramResult attached = await host.RunAsync("lofiadm", ["-a", _uri], cancellation);
        Pid = await FindEngineAsync(cancellation);
        return _device = attached.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(w => w.StartsWith('/'))
            ?? throw new LofizoneException($"lofiadm -a {_uri}: printed no device: {attached.Output}");
    }

    /// <summary>Of the engine's process.</summary>
    public int Pid { get; private set; }

    public CpuTime Cpu(KernelThreads kernel) => new(KernelThreads.OfProcess(Pid), kernel.Nanoseconds());

    public async ValueTask DisposeAsync()
    {
        if (_device is not null)
            await host.RunAsync("lofiadm", ["-d", _device], CancellationToken.None);
        _device = null;
        File.Delete(Path.Combine(options.ShareDirectory, "bench-engine.img"));
    }

    /// <summary>The engine's own record of its process, in the runtime directory of the only attachment this host has.</summary>
    private async Task<int> FindEngineAsync(CancellationToken cancellation)
    {
        string record = Directory.EnumerateFiles(host.Paths.Root, "process.json", SearchOption.AllDirectories).Single();
        using JsonDocument json = JsonDocument.Parse(await File.ReadAllTextAsync(record, cancellation));
        return json.RootElement.GetProperty("pid").GetInt32();
    }
}
