using System.Text.Json;
using Lofizone.Accounting;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Measures;
using Lofizone.Observation;

namespace Lofizone.Tests.Measures;

public sealed class MeasuresTests
{
    private static readonly DateTimeOffset _since = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void OpenMetrics_text_is_what_the_specification_allows_whatever_names_hold()
    {
        const string nasty = "nfs://nas/a\\b\"c\nd";
        IReadOnlyDictionary<string, double> read = OpenMetricsReader.Read(OpenMetricsText.Write([Sample(nasty), Sample("nfs://nas/other") with { Zone = null, Device = "/dev/lofi/2" }]));
        Assert.Equal(1, read["""lofizone_device_info{zone="web",device="/dev/lofi/1",file="nfs://nas/a\\b\"c\nd"}"""]);
        Assert.Equal(40, read["""lofizone_operations_total{zone="web",device="/dev/lofi/1",layer="nfs",operation="READ"}"""]);
        Assert.Equal(0, read["""lofizone_server_reachable{zone="web",device="/dev/lofi/1"}"""]);
        Assert.Equal(1, read["""lofizone_zone_state{zone="web",lofizone_zone_state="running"}"""]);
    }

    [Fact]
    public void OpenMetrics_text_tells_what_zones_use_as_far_as_the_kernel_tells_it()
    {
        ZoneCounters web = new(
            "web", 1,
            new CgroupFigures { CpuNanoseconds = 2_500_000_000, MemoryBytes = 4096, MemoryCap = 8192, Processes = 3, IoPressure = new Pressure(1, 7_000_000, 500_000) },
            new InterfaceCounters(10, 20), null);
        ZoneCounters bare = new("bare", 2, new CgroupFigures { CpuPressure = new Pressure(0, 1_000_000, null) }, null, null);
        IReadOnlyDictionary<string, double> read = OpenMetricsReader.Read(OpenMetricsText.Write([], [web, bare]));
        Assert.Equal(2.5, read["""lofizone_zone_cpu_seconds_total{zone="web"}"""]);
        Assert.Equal((4096, 8192, 3), (read["""lofizone_zone_memory_bytes{zone="web"}"""], read["""lofizone_zone_memory_cap_bytes{zone="web"}"""], read["""lofizone_zone_processes{zone="web"}"""]));
        Assert.Equal(20, read["""lofizone_zone_network_bytes_total{zone="web",direction="sent"}"""]);
        Assert.Equal((7, 0.5), (read["""lofizone_zone_pressure_seconds_total{zone="web",resource="io",processes="some"}"""], read["""lofizone_zone_pressure_seconds_total{zone="web",resource="io",processes="full"}"""]));
        Assert.Equal(["""lofizone_zone_pressure_seconds_total{zone="bare",resource="cpu",processes="some"}"""], read.Keys.Where(k => k.Contains("bare", StringComparison.Ordinal)));
    }

    [Fact]
    public void Nothing_to_tell_is_valid_OpenMetrics_too() => OpenMetricsReader.Read(OpenMetricsText.Write([]));

    [Fact]
    public void The_slowest_layer_is_the_one_with_the_largest_part_of_its_own()
    {
        SlowestLayer? slowest = SlowestLayer.Of(Sample("nfs://nas/a"));
        Assert.Equal((LayerTimes.Server, "READ"), (slowest!.Layer, slowest.Kind));
        Assert.Equal(600_000, slowest.OwnNanoseconds, 0.1);
        LayerTimes times = Assert.Single(LayerTimes.Of(Sample("nfs://nas/a")));
        Assert.Equal(times.Layers[0].MeanNanoseconds, times.Layers.Sum(l => l.OwnNanoseconds), 0.1);
    }

    [Fact]
    public void Too_few_requests_name_no_layer() =>
        Assert.Null(SlowestLayer.Of(Sample("nfs://nas/a") with { Loop = new LoopFigures { Read = new LoopOperation(3, 4096, 1) } }));

    [Theory]
    [InlineData("  40 0 320 80 0 0 0 0 2 80 80 7 0 16 3 9 4\n", 40, 7, 9)]
    [InlineData("40 0 320 80 0 0 0 0 2 80 80", 40, 0, 0)]
    public void A_loop_devices_figures_are_read_from_old_and_new_kernels(string text, long reads, long discards, long flushes)
    {
        LoopFigures figures = LoopFigures.Parse(text)!;
        Assert.Equal((reads, discards, flushes, 2L), (figures.Read.Count, figures.Discard.Count, figures.Flush.Count, figures.InFlight));
        Assert.Equal((320 * 512L, 80_000_000L), (figures.Read.Bytes, figures.Read.SumNanoseconds));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1 2 3")]
    [InlineData("a b c d e f g h i j k l")]
    [InlineData("99999999999999999999 0 0 0 0 0 0 0 0 0 0")]
    public void What_is_no_stat_file_is_not_read(string text) => Assert.Null(LoopFigures.Parse(text));

    [Fact]
    public void The_status_of_an_older_engine_is_understood()
    {
        const string old = """{"pid":1,"file":"nfs://n/a","serverAddress":"n:2049","minorVersion":2,"connected":true,"fenced":false,"reads":1,"writes":2,"bytesRead":3,"bytesWritten":4,"operations":5,"inFlight":6,"uncommittedBytes":7,"reconnects":8,"retransmits":9,"leaseSeconds":60,"since":"2026-01-02T03:04:05+00:00"}""";
        EngineStatus status = JsonSerializer.Deserialize(old, EngineJson.Default.EngineStatus)!;
        Assert.Equal((null, null, 0), (status.UnreachableSince, status.LeaseAgeMilliseconds, status.Paths.Count));
        Assert.Null(EngineProblem.Of(status));
    }

    [Fact]
    public void The_status_of_a_newer_engine_is_understood()
    {
        string json = JsonSerializer.Serialize(Status(), EngineJson.Default.EngineStatus);
        EngineStatus status = JsonSerializer.Deserialize(json[..^1] + ""","warpFactor":9,"nested":{"a":[1]}}""", EngineJson.Default.EngineStatus)!;
        Assert.Equal("server: unreachable since 2026-01-02 03:04:05 UTC", EngineProblem.Of(status));
    }

    [Fact]
    public void Statistics_without_some_layers_are_understood()
    {
        EngineStatistics statistics = JsonSerializer.Deserialize("""{"nfs":[{"count":3},{"name":"READ","latency":{"maxNanoseconds":5}}],"future":1}""", EngineJson.Default.EngineStatistics)!;
        Assert.Equal((0, 0, 0), (statistics.Fuse.Count, statistics.Engine.Count, statistics.Paths.Count));
        Assert.All(statistics.Nfs, o => Assert.Equal(0, o.Latency.Count));
        Assert.Null(SlowestLayer.Of(Sample("nfs://nas/a") with { Engine = statistics }));
    }

    private static DeviceSample Sample(string file)
    {
        EngineStatistics engine = new()
        {
            Status = Status(),
            Fuse = [Meter("READ", 900)],
            Engine = [Meter("READ", 800)],
            Nfs = [Meter("READ", 700), Meter("SEQUENCE", 50)],
        };
        return new DeviceSample
        {
            Zone = "web",
            State = "running",
            Device = "/dev/lofi/1",
            File = file,
            At = _since,
            Seconds = 10,
            Loop = new LoopFigures { Read = new LoopOperation(40, 40 * 4096, 40 * 1_000_000) },
            Engine = engine,
        };
    }

    private static EngineStatus Status() => new()
    {
        Pid = 1,
        File = "nfs://nas/a",
        ServerAddress = "nas:2049",
        MinorVersion = 2,
        Connected = true,
        Fenced = false,
        Reads = 1,
        Writes = 2,
        BytesRead = 3,
        BytesWritten = 4,
        Operations = 5,
        InFlight = 6,
        UncommittedBytes = 7,
        Reconnects = 8,
        Retransmits = 9,
        LeaseSeconds = 60,
        Since = _since,
        UnreachableSince = _since,
        LeaseAgeMilliseconds = 1500,
        Paths = [new EnginePath { Address = "nas:2049", Connected = true, RoundTripMicroseconds = 100 }, new EnginePath { Address = "nas:2049" }],
    };

    private static OperationFigures Meter(string name, int microseconds)
    {
        OperationMeter meter = new();
        for (int i = 0; i < 40; i++)
            meter.Record(TimeSpan.FromMicroseconds(microseconds), 4096, failed: false);
        return meter.Read(name);
    }
}
